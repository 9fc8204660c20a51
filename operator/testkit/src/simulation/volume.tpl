apiVersion: v1
kind: PersistentVolume
metadata:
  name: pvc-{{ .metadata.uid }}
  annotations:
    pv.kubernetes.io/provisioned-by: pilothouse.dev/simulated
spec:
  accessModes: {{ toJson .spec.accessModes }}
  capacity: {{ toJson .spec.resources.requests }}
  persistentVolumeReclaimPolicy: Delete
  storageClassName: {{ toJson .spec.storageClassName }}
  volumeMode: {{ .spec.volumeMode | default "Filesystem" }}
  claimRef:
    apiVersion: v1
    kind: PersistentVolumeClaim
    name: {{ .metadata.name }}
    namespace: {{ .metadata.namespace }}
    uid: {{ .metadata.uid }}
  hostPath:
    path: /simulated/{{ .metadata.uid }}
