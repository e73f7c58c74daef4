{{/* Short enough that an edge's pod name is an edge id: at most 48 characters, and no dots. */}}
{{- define "switchboard.name" -}}
{{- $name := .Release.Name | replace "." "-" -}}
{{- if not (contains "switchboard" $name) }}{{ $name = printf "%s-switchboard" $name }}{{ end -}}
{{- $name | trunc 36 | trimSuffix "-" -}}
{{- end -}}

{{/* (list $ "edge") */}}
{{- define "switchboard.selector" -}}
app.kubernetes.io/name: switchboard
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- define "switchboard.labels" -}}
{{ include "switchboard.selector" . }}
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
helm.sh/chart: {{ printf "%s-%s" (index . 0).Chart.Name (index . 0).Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* (list $ "edge-node"): a module's image. */}}
{{- define "switchboard.image" -}}
{{- $ := index . 0 -}}
image: {{ printf "%sswitchboard-%s:%s" $.Values.image.prefix (index . 1) ($.Values.image.tag | default $.Chart.AppVersion) | quote }}
imagePullPolicy: {{ $.Values.image.pullPolicy }}
{{- end -}}

{{/* What all pods have. */}}
{{- define "switchboard.pod" -}}
# Their variables would be read as our settings: a Service named switchboard makes a SWITCHBOARD_PORT.
enableServiceLinks: false
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . | quote }}
{{- end }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{/* (list $ "edge") */}}
{{- define "switchboard.spread" -}}
topologySpreadConstraints:
{{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "switchboard.selector" $ | nindent 8 }}
{{- end }}
{{- end -}}

{{- define "switchboard.confined" -}}
securityContext:
  readOnlyRootFilesystem: true
  allowPrivilegeEscalation: false
  capabilities: {drop: [ALL]}
{{- end -}}

{{/* /live says that the process runs, even while it waits for Kafka or Redis; /ready that events pass through it. */}}
{{- define "switchboard.probes" -}}
startupProbe:
  httpGet: {path: /live, port: admin}
  periodSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /live, port: admin}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
readinessProbe:
  httpGet: {path: /ready, port: admin}
  periodSeconds: 2
  timeoutSeconds: 3
  failureThreshold: 2
{{- end -}}

{{/* What everything of ours is told. */}}
{{- define "switchboard.env" -}}
- name: SWITCHBOARD_KAFKA
  value: {{ required "kafka.bootstrap: none (expected: host:port[,…])" .Values.kafka.bootstrap | quote }}
{{- if .Values.kafka.secret }}
- name: SWITCHBOARD_KAFKA_CONFIG
  value: /etc/switchboard/kafka/client.properties
{{- end }}
{{- end -}}

{{- define "switchboard.env.redis" -}}
{{- if .Values.redis.secret -}}
- name: SWITCHBOARD_REDIS_FILE
  value: /etc/switchboard/redis/url
{{- else -}}
- name: SWITCHBOARD_REDIS
  value: {{ required "redis: neither url nor secret (expected: one of them)" .Values.redis.url | quote }}
{{- end }}
- name: SWITCHBOARD_APPS
  value: /etc/switchboard/apps/apps.yaml
{{- end -}}

{{- define "switchboard.env.key" -}}
- name: SWITCHBOARD_CLUSTER_KEY_FILE
  value: /etc/switchboard/cluster-key/keys
{{- end -}}

{{/* What a process with an admin port is told as well. */}}
{{- define "switchboard.env.serving" -}}
- name: SWITCHBOARD_ID
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- name: SWITCHBOARD_HOST
  value: 0.0.0.0
- name: SWITCHBOARD_LOG
  value: json
{{- if .Values.adminToken.secret }}
- name: SWITCHBOARD_ADMIN_TOKEN_FILE
  value: /etc/switchboard/admin-token/token
{{- end }}
{{- with .Values.otlp }}
- name: SWITCHBOARD_OTLP
  value: {{ . | quote }}
{{- end }}
{{- end -}}

{{- define "switchboard.env.tls" -}}
{{- if . -}}
- name: SWITCHBOARD_TLS_CERT
  value: /etc/switchboard/tls/tls.crt
- name: SWITCHBOARD_TLS_KEY
  value: /etc/switchboard/tls/tls.key
{{- end }}
{{- end -}}

{{/*
(dict "root" $ "kind" "edge" "redis" true "key" true "admin" true "tls" "a-secret"): mounts, and below the volumes. A kind
sees its own login alone. Folders, not files: only so does a changed Secret reach the process.
*/}}
{{- define "switchboard.mounts" -}}
- {name: tmp, mountPath: /tmp}
{{- if .root.Values.kafka.secret }}
- {name: kafka, mountPath: /etc/switchboard/kafka, readOnly: true}
{{- end }}
{{- if .redis }}
- {name: apps, mountPath: /etc/switchboard/apps, readOnly: true}
{{- if .root.Values.redis.secret }}
- {name: redis, mountPath: /etc/switchboard/redis, readOnly: true}
{{- end }}
{{- end }}
{{- if .key }}
- {name: cluster-key, mountPath: /etc/switchboard/cluster-key, readOnly: true}
{{- end }}
{{- if and .admin .root.Values.adminToken.secret }}
- {name: admin-token, mountPath: /etc/switchboard/admin-token, readOnly: true}
{{- end }}
{{- if .tls }}
- {name: tls, mountPath: /etc/switchboard/tls, readOnly: true}
{{- end }}
{{- end -}}

{{- define "switchboard.volumes" -}}
# Netty and the compression codecs unpack native libraries there, and run them.
- name: tmp
  emptyDir: {sizeLimit: 128Mi}
{{- with .root.Values.kafka.secret }}
{{ include "switchboard.login" (list "kafka" . (printf "%s.properties" $.kind) "client.properties") }}
{{- end }}
{{- if .redis }}
- name: apps
  secret: {secretName: {{ .root.Values.apps.secret }}, defaultMode: 0440}
{{- with .root.Values.redis.secret }}
{{ include "switchboard.login" (list "redis" . $.kind "url") }}
{{- end }}
{{- end }}
{{- if .key }}
- name: cluster-key
  secret: {secretName: {{ .root.Values.clusterKey.secret }}, defaultMode: 0440}
{{- end }}
{{- if and .admin .root.Values.adminToken.secret }}
- name: admin-token
  secret: {secretName: {{ .root.Values.adminToken.secret }}, defaultMode: 0440}
{{- end }}
{{- with .tls }}
- name: tls
  secret: {secretName: {{ . }}, defaultMode: 0440}
{{- end }}
{{- end -}}

{{/* (list volume secret key path): one key of a Secret under a name of ours, and its ca.pem if it has one. */}}
{{- define "switchboard.login" -}}
- name: {{ index . 0 }}
  projected:
    defaultMode: 0440
    sources:
      - secret:
          name: {{ index . 1 }}
          items: [{key: {{ index . 2 }}, path: {{ index . 3 }}}]
      - secret:
          name: {{ index . 1 }}
          items: [{key: ca.pem, path: ca.pem}]
          optional: true
{{- end -}}
