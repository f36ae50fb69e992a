// Original file: google/api/http.proto

import type { CustomHttpPatternInput as _google_api_CustomHttpPatternInput, CustomHttpPattern as _google_api_CustomHttpPattern } from '../../google/api/CustomHttpPattern.ts';
import type { HttpRuleInput as _google_api_HttpRuleInput, HttpRule as _google_api_HttpRule } from '../../google/api/HttpRule.ts';

export interface HttpRuleInput {
  'selector'?: (string);
  'get'?: (string);
  'put'?: (string);
  'post'?: (string);
  'delete'?: (string);
  'patch'?: (string);
  'body'?: (string);
  'custom'?: (_google_api_CustomHttpPatternInput | null);
  'additionalBindings'?: (_google_api_HttpRuleInput)[];
  'responseBody'?: (string);
  'pattern'?: "get"|"put"|"post"|"delete"|"patch"|"custom";
}

export interface HttpRule {
  'selector': (string);
  'get'?: (string);
  'put'?: (string);
  'post'?: (string);
  'delete'?: (string);
  'patch'?: (string);
  'body': (string);
  'custom'?: (_google_api_CustomHttpPattern | null);
  'additionalBindings': (_google_api_HttpRule)[];
  'responseBody': (string);
  'pattern'?: "get"|"put"|"post"|"delete"|"patch"|"custom";
}
