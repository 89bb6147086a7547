package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"reflect"

	"k8s.io/apimachinery/pkg/runtime/schema"
	kafkaeventing "knative.dev/eventing-kafka-broker/control-plane/pkg/apis/eventing/v1alpha1"
	kafkasources "knative.dev/eventing-kafka-broker/control-plane/pkg/apis/sources/v1"
	kafkasourcesv1beta1 "knative.dev/eventing-kafka-broker/control-plane/pkg/apis/sources/v1beta1"
	eventingconfig "knative.dev/eventing/pkg/apis/config"
	eventing "knative.dev/eventing/pkg/apis/eventing/v1"
	eventingv1alpha1 "knative.dev/eventing/pkg/apis/eventing/v1alpha1"
	eventingv1beta1 "knative.dev/eventing/pkg/apis/eventing/v1beta1"
	eventingv1beta2 "knative.dev/eventing/pkg/apis/eventing/v1beta2"
	eventingv1beta3 "knative.dev/eventing/pkg/apis/eventing/v1beta3"
	"knative.dev/eventing/pkg/apis/feature"
	messaging "knative.dev/eventing/pkg/apis/messaging/v1"
	sources "knative.dev/eventing/pkg/apis/sources/v1"
	sourcesv1beta2 "knative.dev/eventing/pkg/apis/sources/v1beta2"
	"knative.dev/pkg/apis"
	serving "knative.dev/serving/pkg/apis/serving/v1"
)

// What the webhooks of Knative Serving, Eventing and of its Kafka parts judge.
type judged interface {
	apis.Defaultable
	apis.Validatable
}

var kinds = map[schema.GroupVersionKind]judged{
	serving.SchemeGroupVersion.WithKind("Configuration"):           &serving.Configuration{},
	serving.SchemeGroupVersion.WithKind("Revision"):                &serving.Revision{},
	serving.SchemeGroupVersion.WithKind("Route"):                   &serving.Route{},
	serving.SchemeGroupVersion.WithKind("Service"):                 &serving.Service{},
	eventing.SchemeGroupVersion.WithKind("Broker"):                 &eventing.Broker{},
	eventing.SchemeGroupVersion.WithKind("Trigger"):                &eventing.Trigger{},
	eventingv1alpha1.SchemeGroupVersion.WithKind("EventPolicy"):    &eventingv1alpha1.EventPolicy{},
	eventingv1beta1.SchemeGroupVersion.WithKind("EventType"):       &eventingv1beta1.EventType{},
	eventingv1beta2.SchemeGroupVersion.WithKind("EventType"):       &eventingv1beta2.EventType{},
	eventingv1beta3.SchemeGroupVersion.WithKind("EventType"):       &eventingv1beta3.EventType{},
	messaging.SchemeGroupVersion.WithKind("Channel"):               &messaging.Channel{},
	messaging.SchemeGroupVersion.WithKind("Subscription"):          &messaging.Subscription{},
	sources.SchemeGroupVersion.WithKind("ApiServerSource"):         &sources.ApiServerSource{},
	sources.SchemeGroupVersion.WithKind("ContainerSource"):         &sources.ContainerSource{},
	sources.SchemeGroupVersion.WithKind("PingSource"):              &sources.PingSource{},
	sources.SchemeGroupVersion.WithKind("SinkBinding"):             &sources.SinkBinding{},
	sourcesv1beta2.SchemeGroupVersion.WithKind("PingSource"):       &sourcesv1beta2.PingSource{},
	kafkaeventing.SchemeGroupVersion.WithKind("KafkaSink"):         &kafkaeventing.KafkaSink{},
	kafkasources.SchemeGroupVersion.WithKind("KafkaSource"):        &kafkasources.KafkaSource{},
	kafkasourcesv1beta1.SchemeGroupVersion.WithKind("KafkaSource"): &kafkasourcesv1beta1.KafkaSource{},
}

// What was said of one object.
type verdict struct {
	Kind     string   `json:"kind"`
	Name     string   `json:"name"`
	Judged   bool     `json:"judged"`
	Errors   []string `json:"errors"`
	Warnings []string `json:"warnings"`
	// The object as the webhook would store it.
	Object any `json:"object,omitempty"`
}

// Reads a list of objects as JSON, and writes a list of what Knative's webhooks in their default settings say of each.
func admit(from io.Reader, to io.Writer) int {
	var objects []json.RawMessage
	if err := json.NewDecoder(from).Decode(&objects); err != nil {
		fmt.Fprintln(to, err)
		return 2
	}
	ctx := defaultContext()
	verdicts := make([]verdict, 0, len(objects))
	for _, raw := range objects {
		verdicts = append(verdicts, judge(ctx, raw))
	}
	if err := json.NewEncoder(to).Encode(verdicts); err != nil {
		return 2
	}
	return 0
}

func judge(ctx context.Context, raw json.RawMessage) verdict {
	var head struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
		Metadata   struct {
			Name string `json:"name"`
		} `json:"metadata"`
	}
	said := verdict{Errors: []string{}, Warnings: []string{}}
	if err := json.Unmarshal(raw, &head); err != nil {
		said.Errors = append(said.Errors, err.Error())
		return said
	}
	said.Kind, said.Name = head.Kind, head.Metadata.Name
	example, known := kinds[schema.FromAPIVersionAndKind(head.APIVersion, head.Kind)]
	if !known {
		return said
	}
	said.Judged = true
	object := reflect.New(reflect.TypeOf(example).Elem()).Interface().(judged)
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(object); err != nil {
		said.Errors = append(said.Errors, "cannot decode: "+err.Error())
		return said
	}
	object.SetDefaults(ctx)
	failure := object.Validate(ctx)
	if errors := failure.Filter(apis.ErrorLevel); errors != nil {
		said.Errors = append(said.Errors, errors.Error())
	}
	if warnings := failure.Filter(apis.WarningLevel); warnings != nil {
		said.Warnings = append(said.Warnings, warnings.Error())
	}
	said.Object = object
	return said
}

// A request to create something in a fresh installation; what is not named here Knative takes as its default by itself.
func defaultContext() context.Context {
	ctx := apis.WithinCreate(context.Background())
	brokers, err := eventingconfig.NewDefaultsConfigFromMap(map[string]string{
		"default-br-config": `
clusterDefault:
  brokerClass: MTChannelBasedBroker
  apiVersion: v1
  kind: ConfigMap
  name: config-br-default-channel
  namespace: knative-eventing
`})
	if err != nil {
		panic(err)
	}
	// Some features are on unless an administrator turns them off, and without this all would be off.
	flags, err := feature.NewFlagsConfigFromMap(nil)
	if err != nil {
		panic(err)
	}
	return feature.ToContext(eventingconfig.ToContext(ctx, &eventingconfig.Config{Defaults: brokers}), flags)
}
