package tenancy

import "context"

// AfterStep has f called after each step of Provision.
func AfterStep(o *Owner, f func(step string)) { o.afterStep = f }

// Facts is what Verify compares with the snapshot.
func Facts(ctx context.Context, o *Owner, a *Agency) ([]string, error) {
	return readFacts(ctx, o.shards[a.Shard], a.Role())
}
