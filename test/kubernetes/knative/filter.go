package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"go.uber.org/zap"
	eventing "knative.dev/eventing/pkg/apis/eventing/v1"
	"knative.dev/eventing/pkg/eventfilter"
	"knative.dev/eventing/pkg/eventfilter/subscriptionsapi"
)

// Reads Triggers and events as JSON, and writes for each Trigger a list of whether a Broker would hand it each event.
func filter(from io.Reader, to io.Writer) int {
	var asked struct {
		Triggers []eventing.Trigger  `json:"triggers"`
		Events   []cloudevents.Event `json:"events"`
	}
	if err := json.NewDecoder(from).Decode(&asked); err != nil {
		fmt.Fprintln(to, err)
		return 2
	}
	passes := make([][]bool, 0, len(asked.Triggers))
	for _, trigger := range asked.Triggers {
		filters := subscriptionsapi.CreateSubscriptionsAPIFilters(zap.NewNop(), trigger.Spec.Filters)
		row := make([]bool, 0, len(asked.Events))
		for _, event := range asked.Events {
			row = append(row, filters.Filter(context.Background(), event) != eventfilter.FailFilter)
		}
		passes = append(passes, row)
	}
	if err := json.NewEncoder(to).Encode(passes); err != nil {
		return 2
	}
	return 0
}
