{{/* The Deployment of a service: dict root, name, facts, settings. */}}
{{- define "assent.deployment" -}}
{{- $root := .root -}}
{{- $values := .root.Values -}}
{{- $of := dict "root" .root "component" .name -}}
{{- $secrets := include "assent.secrets" . | fromYaml -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "assent.metadata" $of | nindent 2 }}
spec:
  {{- if not .settings.autoscaling.enabled }}
  replicas: {{ .settings.replicas }}
  {{- else }}
  {{- /* As many as there are: a Deployment that loses its number has one, until the autoscaler looks again. */}}
  {{- with lookup "apps/v1" "Deployment" $root.Release.Namespace (printf "%s-%s" (include "assent.fullname" $root) .name) }}
  replicas: {{ .spec.replicas }}
  {{- end }}
  {{- end }}
  # Old pods stay until new ones serve.
  strategy: { type: RollingUpdate, rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }
  selector:
    matchLabels:
      {{- include "assent.selector" $of | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "assent.selector" $of | nindent 8 }}
      annotations:
        kubectl.kubernetes.io/default-container: {{ .name }}
        prometheus.io/scrape: 'true'
        prometheus.io/port: '9090'
        {{- if and .facts.database (eq $values.postgres.mode "embedded") }}
        # Their URLs are read once: with another one, other pods.
        assent/databases: {{ include "assent.databases" . | fromJsonArray | join "," }}
        {{- end }}
        {{- with .settings.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ include "assent.fullname" $root }}-{{ .name }}
      automountServiceAccountToken: {{ include "assent.callsApiServer" . | eq "true" }}
      enableServiceLinks: false
      # The delay, draining of REST or calls, then of what they have begun, and closing.
      terminationGracePeriodSeconds: {{ add $values.drain.delaySeconds (mul 2 $values.drain.timeoutSeconds) 10 }}
      securityContext:
        {{- include "assent.podSecurity" 65532 | nindent 8 }}
      {{- with $values.image.pullSecrets }}
      imagePullSecrets:
        {{- range . }}
        - name: {{ . }}
        {{- end }}
      {{- end }}
      containers:
        - name: {{ .name }}
          image: {{ include "assent.image" $root }}
          imagePullPolicy: {{ $values.image.pullPolicy }}
          args: [{{ if $values.development }}--watch, --watch-preserve-output, {{ end }}services/{{ .name }}/main.ts]
          env:
            # First: what comes after may refer to them.
            - { name: POD_IP, valueFrom: { fieldRef: { fieldPath: status.podIP } } }
            - { name: POD_NAME, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
            {{- range $variable, $value := include "assent.environment" . | fromYaml }}
            - name: {{ $variable }}
              {{- if kindIs "map" $value }}
              valueFrom: {{ toJson $value }}
              {{- else }}
              value: {{ $value | quote }}
              {{- end }}
            {{- end }}
          ports:
            - { name: grpc, containerPort: 50051 }
            {{- if eq .name "gateway" }}
            - { name: http, containerPort: 8080 }
            {{- end }}
            - { name: health, containerPort: 8081 }
            - { name: metrics, containerPort: 9090 }
          startupProbe:
            grpc: { port: 8081, service: liveness }
            periodSeconds: 1
            timeoutSeconds: 2
            failureThreshold: 120
          livenessProbe:
            grpc: { port: 8081, service: liveness }
            periodSeconds: 10
            timeoutSeconds: 5
            {{- /* A minute: who is short of processor time is made no faster by a new start. */}}
            failureThreshold: 6
          readinessProbe:
            grpc: { port: 8081 }
            periodSeconds: 2
            timeoutSeconds: 2
            failureThreshold: 2
          resources:
            {{- toYaml .settings.resources | nindent 12 }}
          securityContext:
            {{- if $values.development }}
            allowPrivilegeEscalation: false
            capabilities: { drop: [ALL] }
            {{- else }}
            {{- include "assent.containerSecurity" . | nindent 12 }}
            {{- end }}
          terminationMessagePolicy: FallbackToLogsOnError
          {{- with $secrets }}
          volumeMounts:
            {{- range $directory, $_ := . }}
            - { name: {{ $directory }}, mountPath: /run/secrets/{{ $directory }}, readOnly: true }
            {{- end }}
          {{- end }}
      {{- with $secrets }}
      volumes:
        {{- range $directory, $secret := . }}
        - name: {{ $directory }}
          secret: {{ merge (dict "defaultMode" 288) $secret | toJson }} # 0440
        {{- end }}
      {{- end }}
      topologySpreadConstraints:
        {{- /* Over zones only as far as possible: nodes without a zone would get no pod at all. */}}
        {{- range $key, $whenUnsatisfiable := dict "kubernetes.io/hostname" .settings.spread "topology.kubernetes.io/zone" "ScheduleAnyway" }}
        - topologyKey: {{ $key }}
          maxSkew: 1
          whenUnsatisfiable: {{ $whenUnsatisfiable }}
          # Each revision by itself: otherwise the pods that are on their way out count.
          matchLabelKeys: [pod-template-hash]
          labelSelector:
            matchLabels:
              {{- include "assent.selector" $of | nindent 14 }}
        {{- end }}
      {{- with .settings.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .settings.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .settings.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
{{- end }}
