{{/* Restricted Pod Security, of a pod and of a container; the argument is the user's and group's number. */}}
{{- define "assent.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "assent.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* What runs the `assent` command: the seeds, the tests. dict root, args. */}}
{{- define "assent.commandPod" -}}
restartPolicy: Never
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  {{- include "assent.podSecurity" 65532 | nindent 2 }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
containers:
  - name: assent
    image: {{ include "assent.image" .root }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    args: {{ prepend .args "platform/main.ts" | toJson }}
    securityContext:
      {{- include "assent.containerSecurity" . | nindent 6 }}
    terminationMessagePolicy: FallbackToLogsOnError
    resources:
      requests: { cpu: 50m, memory: 128Mi, ephemeral-storage: 16Mi }
      limits: { memory: 256Mi, ephemeral-storage: 64Mi }
{{- end }}

{{/* Where the gateway's REST is, from inside. */}}
{{- define "assent.url" -}}
{{ empty .Values.edge.tlsSecretName | ternary "http" "https" }}://{{ include "assent.fullname" . }}-gateway.{{ .Release.Namespace }}.svc:8080
{{- end }}
