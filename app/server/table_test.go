package server_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// expected is the table, read: by route, subject and account.
type expected map[string]map[string]map[string]int

func readExpectations(t *testing.T) (expected, []string) {
	t.Helper()
	return readTable(t, expectations+expectationsOfSettings+expectationsOfGroups+expectationsOfPeople+expectationsOfDirectives+expectationsOfFactors)
}

func readTable(t *testing.T, text string) (expected, []string) {
	t.Helper()
	table := expected{}
	var accounts, routes []string
	for number, line := range strings.Split(text, "\n") {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0:
		case accounts == nil:
			accounts = fields
		case !strings.HasPrefix(line, " "):
			routes = strings.Split(line, " · ")
			for _, route := range routes {
				if table[route] != nil {
					t.Fatalf("the table has %s twice", route)
				}
				table[route] = map[string]map[string]int{}
			}
		default:
			if err := table.add(routes, accounts, fields); err != nil {
				t.Fatalf("line %d of the table: %v", number, err)
			}
		}
	}
	return table, accounts
}

func (e expected) add(routes, accounts, fields []string) error {
	split := len(fields) - len(accounts)
	if split < 1 {
		return fmt.Errorf("%d statuses for %d accounts", len(fields), len(accounts))
	}
	statuses := map[string]int{}
	for i, text := range fields[split:] {
		status, err := strconv.Atoi(text)
		if err != nil {
			return err
		}
		statuses[accounts[i]] = status
	}
	for _, route := range routes {
		for _, subject := range fields[:split] {
			if e[route][subject] != nil {
				return fmt.Errorf("%s has %s twice", route, subject)
			}
			e[route][subject] = statuses
		}
	}
	return nil
}
