module ha-kubernetes.lab/local-path-provisioner

go 1.26

require github.com/rancher/local-path-provisioner v0.0.30
