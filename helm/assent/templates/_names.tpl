{{/* The prefix of all names: the release's name, and the chart's unless it is in there. */}}
{{- define "assent.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end -}}
{{- end }}

{{/* All pods of the release. */}}
{{- define "assent.release" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/*
The pods of one component: dict root, component. They have no other labels: with the chart's version among them every upgrade
would restart PostgreSQL.
*/}}
{{- define "assent.selector" -}}
{{ include "assent.release" .root }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "assent.labels" -}}
{{ include "assent.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: assent
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end }}

{{/* metadata of an object: dict root, component, and with `suffix` instead of the component another end of its name. */}}
{{- define "assent.metadata" -}}
name: {{ include "assent.fullname" .root }}-{{ get . "suffix" | default .component }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "assent.labels" . | nindent 2 }}
{{- end }}

{{- define "assent.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end }}
