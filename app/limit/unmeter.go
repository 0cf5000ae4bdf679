package limit

// Unmeter turns off the quotas that let through when Redis is down: those against
// haste, not those against guessing. For the demo, where one person measures an agency
// as hard as she likes. It is called before anything counts.
func (l *Limits) Unmeter() {
	for name, rule := range l.rules {
		if !rule.Closed {
			rule.Account, rule.Network, rule.Agency = Quota{}, Quota{}, Quota{}
			l.rules[name] = rule
		}
	}
}
