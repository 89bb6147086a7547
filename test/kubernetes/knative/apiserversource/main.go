// The adapter of Knative's ApiServerSource, as cmd/apiserver_receive_adapter of knative.dev/eventing has it, without its fixed port for
// health checks.
package main

import (
	"knative.dev/eventing/pkg/adapter/apiserver"
	"knative.dev/eventing/pkg/adapter/v2"
	"knative.dev/eventing/pkg/auth"
	"knative.dev/eventing/pkg/eventingtls"
	filteredFactory "knative.dev/pkg/client/injection/kube/informers/factory/filtered"
	"knative.dev/pkg/signals"
)

func main() {
	ctx := adapter.WithHealthProbesDisabled(adapter.WithInjectorEnabled(signals.NewContext()))
	ctx = filteredFactory.WithSelectors(ctx, auth.OIDCLabelSelector, eventingtls.TrustBundleLabelSelector)
	adapter.MainWithContext(ctx, "apiserversource", apiserver.NewEnvConfig, apiserver.NewAdapter)
}
