// One program that is, by its first argument, Knative's command line, one of its sources, or its admission rules: they share most of their code.
package main

import (
	"fmt"
	"os"

	"knative.dev/eventing/pkg/adapter/apiserver"
	"knative.dev/eventing/pkg/adapter/mtping"
	"knative.dev/eventing/pkg/adapter/v2"
	"knative.dev/eventing/pkg/auth"
	"knative.dev/eventing/pkg/eventingtls"
	"knative.dev/func/pkg/app"
	filteredFactory "knative.dev/pkg/client/injection/kube/informers/factory/filtered"
	"knative.dev/pkg/signals"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "which program: admit, apiserversource, func or pingsource?")
		os.Exit(2)
	}
	program := os.Args[1]
	os.Args = append([]string{program}, os.Args[2:]...)
	switch program {
	case "admit":
		os.Exit(admit(os.Stdin, os.Stdout))
	case "apiserversource":
		runApiServerSource()
	case "func":
		app.Main()
	case "pingsource":
		runPingSource()
	default:
		fmt.Fprintln(os.Stderr, "no such program here:", program)
		os.Exit(2)
	}
}

// As cmd/apiserver_receive_adapter of knative.dev/eventing does it.
func runApiServerSource() {
	ctx := adapter.WithInjectorEnabled(signals.NewContext())
	ctx = filteredFactory.WithSelectors(ctx, auth.OIDCLabelSelector, eventingtls.TrustBundleLabelSelector)
	adapter.MainWithContext(ctx, "apiserversource", apiserver.NewEnvConfig, apiserver.NewAdapter)
}

// As cmd/mtping of knative.dev/eventing does it, but it ends at once when asked to: no tick of a test is worth a wait.
func runPingSource() {
	ctx := adapter.WithController(signals.NewContext(), mtping.NewController)
	ctx = adapter.WithHAEnabled(ctx)
	ctx = adapter.WithConfigWatcherEnabled(ctx)
	ctx = adapter.WithConfiguratorOptions(ctx, []adapter.ConfiguratorOption{
		adapter.WithLoggerConfigurator(adapter.NewLoggerConfiguratorFromConfigMap("pingsource-mt-adapter")),
		adapter.WithObservabilityConfigurator(adapter.NewObservabilityConfiguratorFromConfigMap()),
		adapter.WithCloudEventsStatusReporterConfigurator(adapter.NewCloudEventsReporterConfiguratorFromConfigMap()),
	})
	ctx = filteredFactory.WithSelectors(ctx, auth.OIDCLabelSelector, eventingtls.TrustBundleLabelSelector)
	adapter.MainWithContext(ctx, "pingsource-mt-adapter", mtping.NewEnvConfig, mtping.NewAdapter)
}
