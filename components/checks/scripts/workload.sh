#!/usr/bin/env bash
# shellcheck disable=SC2154
set -euo pipefail

# What network.sh makes in the cluster, as YAML. A part of checks.sh, whose variables it uses.

# Upstream's own test image, made for exactly this; its version is that of Kubernetes 1.36 (test/images/agnhost/VERSION).
readonly CHECK_IMAGE=registry.k8s.io/e2e-test-images/agnhost:2.63.0

# workload_objects: all but the pods on named nodes.
workload_objects() {
  cat <<YAML
apiVersion: v1
kind: Namespace
metadata:
  name: $namespace
  labels: {app.kubernetes.io/managed-by: $CHECK_LABEL, pod-security.kubernetes.io/enforce: restricted}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: guarded, namespace: $namespace}
spec:
  podSelector: {matchLabels: {role: guarded}}
  policyTypes: [Ingress]
  ingress: [{from: [{podSelector: {matchLabels: {access: "yes"}}}]}]
---
apiVersion: v1
kind: Service
metadata: {name: service, namespace: $namespace}
spec:
  selector: {role: service}
  ports: [{port: 80, targetPort: 8080}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: service, namespace: $namespace}
spec:
  selector: {matchLabels: {role: service}}
  template:
    metadata: {labels: {role: service}}
    spec: $(workload_pod_spec)
YAML
}

# workload_pod NAME ROLE NODE ACCESS: a pod on that very node, whatever its taints: the network is looked at, not the scheduler.
workload_pod() {
  cat <<YAML

---
apiVersion: v1
kind: Pod
metadata: {name: $1, namespace: $namespace, labels: {role: $2, access: "$4"}}
spec: $(workload_pod_spec "\"nodeName\": \"$3\", \"tolerations\": [{\"operator\": \"Exists\"}],")
YAML
}

# workload_volume: a claim, and a pod that the scheduler places where it can be met.
workload_volume() {
  cat <<YAML

---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: volume, namespace: $namespace}
spec: {storageClassName: "${param[class]}", accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: volume, namespace: $namespace, labels: {role: volume}}
spec: $(workload_pod_spec '"volumes": [{"name": "volume", "persistentVolumeClaim": {"claimName": "volume"}}],' \
    '"volumeMounts": [{"name": "volume", "mountPath": "/volume"}],')
YAML
}

# workload_pod_spec MORE MORE_OF_THE_CONTAINER: fits the restricted Pod Security level; a second to stop, because nothing is lost.
workload_pod_spec() {
  tr '\n' ' ' <<JSON
{${1:-} "automountServiceAccountToken": false, "enableServiceLinks": false, "terminationGracePeriodSeconds": 1,
"securityContext": {"runAsNonRoot": true, "runAsUser": 65532, "runAsGroup": 65532, "seccompProfile": {"type": "RuntimeDefault"}},
"containers": [{${2:-} "name": "agnhost", "image": "${param[image]:-$CHECK_IMAGE}", "imagePullPolicy": "IfNotPresent",
"args": ["netexec", "--http-port=8080", "--udp-port=-1"], "ports": [{"containerPort": 8080}],
"resources": {"requests": {"cpu": "5m", "memory": "16Mi"}, "limits": {"memory": "256Mi"}},
"securityContext": {"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]}}}]}
JSON
}
