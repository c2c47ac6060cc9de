module ha-kubernetes.lab/pause

go 1.26
