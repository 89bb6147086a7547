// What Prometheus says of our queries and alerts: it reads one request as JSON and answers it as JSON.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"time"

	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/rules"
)

type request struct {
	// Queries to be taken apart.
	Queries []string `json:"queries"`
	// A file of rule groups, the series that they see, and the minutes at which alerts are asked for.
	Rules  string `json:"rules"`
	Series string `json:"series"`
	At     []int  `json:"at"`
}

type query struct {
	Error  string   `json:"error,omitempty"`
	Uses   []metric `json:"uses"`
	Labels []string `json:"labels"`
}

type metric struct {
	Name   string   `json:"name"`
	Labels []string `json:"labels"`
}

type alert struct {
	Minute      int               `json:"minute"`
	Name        string            `json:"name"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

type answer struct {
	Queries []query `json:"queries,omitempty"`
	Alerts  []alert `json:"alerts"`
	Error   string  `json:"error,omitempty"`
}

func main() {
	var asked request
	said := answer{Alerts: []alert{}}
	err := json.NewDecoder(os.Stdin).Decode(&asked)
	for _, text := range asked.Queries {
		said.Queries = append(said.Queries, takeApart(text))
	}
	if err == nil && asked.Rules != "" {
		said.Alerts, err = evaluate(asked)
	}
	if err != nil {
		said.Error = err.Error()
	}
	if json.NewEncoder(os.Stdout).Encode(said) != nil {
		os.Exit(1)
	}
}

// The metrics that a query reads with the labels that it matches, and the labels that it groups or joins by.
func takeApart(text string) query {
	found := query{Uses: []metric{}, Labels: []string{}}
	expression, err := parser.ParseExpr(text)
	if err != nil {
		found.Error = err.Error()
		return found
	}
	parser.Inspect(expression, func(node parser.Node, _ []parser.Node) error {
		switch part := node.(type) {
		case *parser.VectorSelector:
			used := metric{Name: part.Name, Labels: []string{}}
			for _, matcher := range part.LabelMatchers {
				if matcher.Name != labels.MetricName {
					used.Labels = append(used.Labels, matcher.Name)
				}
			}
			found.Uses = append(found.Uses, used)
		case *parser.AggregateExpr:
			found.Labels = append(found.Labels, part.Grouping...)
		case *parser.BinaryExpr:
			if part.VectorMatching != nil {
				found.Labels = append(found.Labels, part.VectorMatching.MatchingLabels...)
			}
		}
		return nil
	})
	return found
}

// The alerts that fire at each of the minutes, when rules are evaluated once a minute.
func evaluate(asked request) (alerts []alert, err error) {
	alerts = []alert{}
	suite, err := promqltest.NewLazyLoader(asked.Series, promqltest.LazyLoaderOpts{EnableAtModifier: true, EnableNegativeOffset: true})
	if err != nil {
		return alerts, err
	}
	defer suite.Close()
	suite.SubqueryInterval = time.Minute
	manager := rules.NewManager(&rules.ManagerOptions{
		QueryFunc:  rules.EngineQueryFunc(suite.QueryEngine(), suite.Storage()),
		Appendable: suite.Storage(),
		Context:    context.Background(),
		NotifyFunc: func(context.Context, string, ...*rules.Alert) {},
		Logger:     promslog.NewNopLogger(),
	})
	loaded, faults := manager.LoadGroups(time.Minute, labels.EmptyLabels(), "", nil, false, asked.Rules)
	file, more := rulefmt.ParseFile(asked.Rules, false)
	if faults = append(faults, more...); len(faults) > 0 {
		return alerts, errors.Join(faults...)
	}
	// A map has no order, and what one group records another one reads: they take turns as the file has them.
	groups := []*rules.Group{}
	for _, group := range file.Groups {
		groups = append(groups, loaded[rules.GroupKey(asked.Rules, group.Name)])
	}
	wanted := map[int]bool{}
	last := 0
	for _, minute := range asked.At {
		wanted[minute] = true
		last = max(last, minute)
	}
	for minute := 0; minute <= last && err == nil; minute++ {
		now := time.Unix(0, 0).UTC().Add(time.Duration(minute) * time.Minute)
		suite.WithSamplesTill(now, func(fault error) {
			if err = fault; err != nil {
				return
			}
			for _, group := range groups {
				group.Eval(suite.Context(), now)
				for _, rule := range group.Rules() {
					err = errors.Join(err, rule.LastError())
					if alerting, ok := rule.(*rules.AlertingRule); ok && wanted[minute] {
						alerts = append(alerts, firing(alerting, minute)...)
					}
				}
			}
		})
	}
	return alerts, err
}

func firing(rule *rules.AlertingRule, minute int) (found []alert) {
	for _, active := range rule.ActiveAlerts() {
		if active.State == rules.StateFiring {
			found = append(found, alert{minute, rule.Name(), active.Labels.Map(), active.Annotations.Map()})
		}
	}
	return found
}
