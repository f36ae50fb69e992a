{{/*
What a service's process is given, by variable: dict root, name, facts, settings. As YAML; a value is a string, or a map that says
where it comes from. `env` of the values comes last and wins.
*/}}
{{- define "assent.environment" -}}
{{- $values := .root.Values -}}
{{- $of := dict "root" .root "service" .name -}}
{{- $env := dict
  "HOST" "0.0.0.0"
  "PORT" "50051"
  "HEALTH_PORT" "8081"
  "METRICS_PORT" "9090"
  "LOG_LEVEL" $values.logLevel
  "SERVICE_TARGET" (include "assent.target" .root)
  "DRAIN_DELAY_MS" (mul 1000 $values.drain.delaySeconds | toString)
  "DRAIN_TIMEOUT_MS" (mul 1000 $values.drain.timeoutSeconds | toString)
  "EXPECTED_VERSION" .root.Chart.AppVersion
  "TERMINATION_LOG" "/dev/termination-log"
  "ZONE" (dict "fieldRef" (dict "fieldPath" "metadata.labels['topology.kubernetes.io/zone']"))
  "NODE_OPTIONS" "--max-old-space-size-percentage=60"
-}}
{{- if ne $values.mtls.mode "none" -}}
{{- $env = set $env "TLS_DIRECTORY" "/run/secrets/tls" -}}
{{- $env = set $env "TLS_IDENTITY" (include "assent.identity" (dict "root" .root "service" "{service}")) -}}
{{- end -}}
{{- with .facts.database -}}
{{- $env = set $env (printf "%s_FILE" .variable) "/run/secrets/database/url" -}}
{{- if eq $values.discovery "kubernetes" -}}{{- $env = set $env "SINGLETON_LEASE" (printf "%s/%s-%s" $.root.Release.Namespace (include "assent.fullname" $.root) $.name) -}}{{- end -}}
{{- end -}}
{{- if eq .name "coordinator" -}}
{{- $env = set $env "ADVERTISED_ADDRESS" "$(POD_IP):50051" -}}
{{- end -}}
{{- if eq .name "gateway" -}}
{{- $env = set $env "HTTP_PORT" "8080" -}}
{{- if $values.edge.tlsSecretName -}}{{- $env = set $env "EDGE_TLS_DIRECTORY" "/run/secrets/edge-tls" -}}{{- end -}}
{{- if $values.edge.operatorsSecretName -}}{{- $env = set $env "OPERATOR_TOKENS_FILE" "/run/secrets/operators/tokens" -}}{{- end -}}
{{- if ne $values.redis.mode "none" -}}{{- $env = set $env "REDIS_URL_FILE" "/run/secrets/redis/url" -}}{{- end -}}
{{- with $values.edge.rateLimit -}}
{{- $env = set $env "RATE_LIMIT" (toString .perSecond) -}}
{{- $env = set $env "RATE_BURST" (int .burst | toString) -}}
{{- with .trustedProxies -}}{{- $env = set $env "TRUSTED_PROXIES" (join "," .) -}}{{- end -}}
{{- end -}}
{{- if $values.edge.oidc.issuer -}}{{- $env = merge (include "assent.oidc" .root | fromYaml) $env -}}{{- end -}}
{{- end -}}
{{- with include "assent.tracesEndpoint" .root -}}
{{- $env = set $env "OTEL_EXPORTER_OTLP_ENDPOINT" . -}}
{{- $env = set $env "OTEL_TRACES_SAMPLER" "parentbased_traceidratio" -}}
{{- $env = set $env "OTEL_TRACES_SAMPLER_ARG" ($values.traces.ratio | toString) -}}
{{- $env = set $env "OTEL_RESOURCE_ATTRIBUTES" (printf "service.namespace=%s,service.version=%s,k8s.namespace.name=%s,k8s.pod.name=$(POD_NAME)" (include "assent.fullname" $.root) $.root.Chart.AppVersion $.root.Release.Namespace) -}}
{{- end -}}
{{- merge (deepCopy .settings.env) $env | toYaml -}}
{{- end }}

{{/* Of the gateway, whose operators may have tokens of an OpenID Connect issuer. The API server shows its keys to ServiceAccounts. */}}
{{- define "assent.oidc" -}}
{{- $account := "/var/run/secrets/kubernetes.io/serviceaccount" -}}
{{- with .Values.edge.oidc -}}
OPERATOR_ISSUER: {{ .issuer }}
OPERATOR_AUDIENCE: {{ .audience | quote }}
OPERATOR_CLAIM: {{ join "," .claims | quote }}
OPERATOR_NAME_CLAIM: {{ .nameClaim | quote }}
{{- with .jwksUrl | default (.kubernetes | ternary "https://kubernetes.default.svc/openid/v1/jwks" "") }}
OPERATOR_JWKS_URL: {{ . }}
{{- end }}
{{- if .kubernetes }}
OPERATOR_JWKS_CA_FILE: {{ $account }}/ca.crt
OPERATOR_JWKS_TOKEN_FILE: {{ $account }}/token
{{- end }}
{{- end -}}
{{- end }}

{{/* Whether a service talks to the API server: dict root, name; empty when not. */}}
{{- define "assent.callsApiServer" -}}
{{- if or (eq .root.Values.discovery "kubernetes") (and (eq .name "gateway") .root.Values.edge.oidc.kubernetes) -}}true{{- end -}}
{{- end }}

{{/* The Secrets that a service's pod mounts, by the name of their directory in /run/secrets, as YAML. */}}
{{- define "assent.secrets" -}}
{{- $values := .root.Values -}}
{{- $secrets := dict -}}
{{- if ne $values.mtls.mode "none" -}}
{{- $secrets = set $secrets "tls" (dict "secretName" (printf "%s-%s-tls" (include "assent.fullname" .root) .name)) -}}
{{- end -}}
{{- if .facts.database -}}
{{- $secrets = set $secrets "database" (dict "secretName" (include "assent.databaseSecret" .root) "items" (list (dict "key" .name "path" "url"))) -}}
{{- if and (eq $values.postgres.mode "external") $values.postgres.external.caSecretName -}}
{{- $secrets = set $secrets "postgres-ca" (dict "secretName" $values.postgres.external.caSecretName) -}}
{{- end -}}
{{- end -}}
{{- if eq .name "gateway" -}}
{{- with $values.edge.tlsSecretName -}}{{- $secrets = set $secrets "edge-tls" (dict "secretName" .) -}}{{- end -}}
{{- with $values.edge.operatorsSecretName -}}{{- $secrets = set $secrets "operators" (dict "secretName" .) -}}{{- end -}}
{{- if ne $values.redis.mode "none" -}}
{{- $secrets = set $secrets "redis" (dict "secretName" (include "assent.redisSecret" .root) "items" (list (dict "key" "url" "path" "url"))) -}}
{{- end -}}
{{- end -}}
{{- $secrets | toYaml -}}
{{- end }}
