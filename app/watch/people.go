package watch

import (
	"context"

	"github.com/google/uuid"

	"konote/app/access"
	"konote/app/audit"
	"konote/app/find"
	"konote/app/participant"
	"konote/tenancy"
)

// mostFound are whom a search in the audit log shows.
const mostFound = 20

// People is audit.Handlers.People: names of those whom the actor reaches.
func People(ctx context.Context, tx *tenancy.Tx, actor access.Actor, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	names := map[uuid.UUID]string{}
	if !actor.May(access.ParticipantViewName) || len(ids) == 0 {
		return names, nil
	}
	found, err := participant.Names(ctx, tx, actor, ids)
	for id, named := range found {
		names[id] = named.FullName
	}
	return names, err
}

// Find is audit.Handlers.Find.
func Find(finder *find.Finder) func(context.Context, *tenancy.Tx, access.Actor, string) ([]audit.Person, error) {
	return func(ctx context.Context, tx *tenancy.Tx, actor access.Actor, words string) ([]audit.Person, error) {
		if words == "" {
			return nil, nil
		}
		result, err := finder.Search(ctx, tx, actor, words, mostFound)
		if err != nil {
			return nil, err
		}
		people := make([]audit.Person, len(result.Hits))
		for i, hit := range result.Hits {
			people[i] = audit.Person{ID: hit.ID, Name: hit.Name(), More: hit.OtherNames()}
		}
		return people, nil
	}
}
