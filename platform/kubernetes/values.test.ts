// Wrong values: helm says which field is wrong, and installs nothing.
import { describe, expect, test } from '@jest/globals';
import { chart, hasHelm, run } from './testing/live.ts';

(hasHelm ? describe : describe.skip)(`Wrong values${hasHelm ? '' : ' (skipped: there is no helm)'}`, () => {
  test.each([
    ['services.order.replicas=0', `at '/services/order/replicas': minimum: got 0, want 1`],
    ['servces.order.replicas=2', `additional properties 'servces' not allowed`],
    ['services.order.env.logLevel=info', `at '/services/order/env': additional properties 'logLevel' not allowed`],
    ['postgres.mode=mysql', `at '/postgres/mode': value must be one of 'embedded', 'external'`],
    ['postgres.mode=external', `at '/postgres/external/secretName': minLength`],
    ['redis.mode=external', `at '/redis/external/secretName': minLength`],
    ['postgres.embedded.maxPreparedTransactions=0', `at '/postgres/embedded/maxPreparedTransactions': minimum`],
    ['drain.timeoutSeconds=long', `at '/drain/timeoutSeconds': got string, want integer`],
    ['edge.oidc.issuer=https://issuer', `at '/edge/oidc/claims': minItems`],
    ['mtls.mode=plain', `at '/mtls/mode': value must be one of 'chart', 'cert-manager', 'none'`],
  ])('%s', (setting, message) => {
    expect(() => run('helm', ['template', 'shop', chart, '--set', setting])).toThrow(message);
  });
});
