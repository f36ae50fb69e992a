{{/*
What the architecture says of each service: who calls it, what its database is called, and in which variable it takes the URLs
of that. The NetworkPolicies are drawn from this.
*/}}
{{- define "assent.facts" -}}
gateway:
  callers: []
  database: null
coordinator:
  callers: [gateway, order, inventory, payment, coordinator]
  database: { name: transactions, variable: COORDINATOR_DATABASE_URLS }
order:
  callers: [gateway, coordinator]
  database: { name: orders, variable: DATABASE_URL }
inventory:
  callers: [gateway, order, coordinator]
  database: { name: inventory, variable: INVENTORY_DATABASE_URLS }
payment:
  callers: [gateway, order, coordinator]
  database: { name: payments, variable: DATABASE_URL }
{{- end }}

{{/* The names of a service's databases in the embedded PostgreSQL, as JSON: inventory, inventory1, … */}}
{{- define "assent.databases" -}}
{{- $names := list -}}
{{- if .facts.database -}}
{{- range $shard := until (int (get .root.Values.postgres.embedded.shards .name | default 1)) -}}
{{- $names = append $names (eq $shard 0 | ternary $.facts.database.name (printf "%s%d" $.facts.database.name $shard)) -}}
{{- end -}}
{{- end -}}
{{- $names | toJson -}}
{{- end }}

{{/* What the values say of a service, as YAML. */}}
{{- define "assent.settings" -}}
{{- mergeOverwrite (deepCopy .root.Values.defaults) (deepCopy (get .root.Values.services .name | default dict)) | toYaml -}}
{{- end }}

{{/* Secrets: of the databases' URLs, and of Redis. */}}
{{- define "assent.databaseSecret" -}}
{{- if eq .Values.postgres.mode "embedded" -}}
{{ include "assent.fullname" . }}-databases
{{- else -}}
{{ required "postgres.external.secretName: name the Secret with the databases' URLs" .Values.postgres.external.secretName }}
{{- end -}}
{{- end }}

{{- define "assent.redisSecret" -}}
{{- if eq .Values.redis.mode "embedded" -}}
{{ include "assent.fullname" . }}-redis
{{- else -}}
{{ required "redis.external.secretName: name the Secret with the URL of Redis" .Values.redis.external.secretName }}
{{- end -}}
{{- end }}

{{/* Where services send their traces; empty when nowhere. */}}
{{- define "assent.tracesEndpoint" -}}
{{- if .Values.traces.endpoint -}}
{{ .Values.traces.endpoint }}
{{- else if .Values.collector.enabled -}}
http://{{ include "assent.fullname" . }}-collector:4318
{{- else if .Values.jaeger.enabled -}}
http://{{ include "assent.fullname" . }}-jaeger:4318
{{- end -}}
{{- end }}

{{/* Where the collector sends them. */}}
{{- define "assent.collectorEndpoint" -}}
{{- if .Values.collector.endpoint -}}
{{ .Values.collector.endpoint }}
{{- else if .Values.jaeger.enabled -}}
http://{{ include "assent.fullname" . }}-jaeger:4318
{{- else -}}
{{ fail "collector.endpoint: say where the collector is to send traces, or enable jaeger" }}
{{- end -}}
{{- end }}

{{/* Where services find others, with {service} for the name. */}}
{{- define "assent.target" -}}
{{- if eq .Values.discovery "kubernetes" -}}
kubernetes:///{{ include "assent.fullname" . }}-{service}.{{ .Release.Namespace }}:grpc
{{- else -}}
assent-dns:///{{ include "assent.fullname" . }}-{service}-headless.{{ .Release.Namespace }}.svc:50051
{{- end -}}
{{- end }}

{{/* The DNS name in a service's certificate; `service` may be {service}. */}}
{{- define "assent.identity" -}}
{{ include "assent.fullname" .root }}-{{ .service }}.{{ .root.Release.Namespace }}.svc
{{- end }}
