module ha-kubernetes.lab/pulumi-language-nodejs

go 1.26

require github.com/pulumi/pulumi/sdk/v3 v3.67.1
