{{/* One component's pods, as a NetworkPolicy's peer in a list. */}}
{{- define "assent.peer" -}}
- podSelector:
    matchLabels:
      {{- include "assent.selector" . | nindent 6 }}
{{- end }}

{{/* The rule for calls to a database: of the chart, or where the values say. dict root, component, port, of. */}}
{{- define "assent.egressTo" -}}
{{- if eq .of.mode "embedded" -}}
- ports:
    - { protocol: TCP, port: {{ .port }} }
  to:
    {{- include "assent.peer" . | nindent 4 }}
{{- else -}}
- ports:
    - { protocol: TCP, port: {{ .of.external.port }} }
  {{- with .of.external.cidrs }}
  to:
    {{- range . }}
    - ipBlock: { cidr: {{ . }} }
    {{- end }}
  {{- end }}
{{- end -}}
{{- end }}

{{/* The rule for what is sent to a URL: to a component of the release, if it is one, otherwise to its port anywhere. */}}
{{- define "assent.egressToUrl" -}}
{{- with .url -}}
{{- $url := urlParse . -}}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) | default (eq $url.scheme "https" | ternary "443" "80") -}}
- ports:
    - { protocol: TCP, port: {{ $port }} }
  {{- range $receiver := list "collector" "jaeger" }}
  {{- if eq $url.hostname (printf "%s-%s" (include "assent.fullname" $.root) $receiver) }}
  to:
    {{- include "assent.peer" (dict "root" $.root "component" $receiver) | nindent 4 }}
  {{- end }}
  {{- end }}
{{- end -}}
{{- end }}
