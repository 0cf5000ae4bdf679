package audit

import (
	"context"
	"time"

	"konote/jobs"
)

const checkpointEvery = 5 * time.Minute

// CheckpointArgs are those of the job that signs the heads of all chains.
type CheckpointArgs struct{}

// Kind implements jobs.Args.
func (CheckpointArgs) Kind() string { return "audit.checkpoint" }

// AddJobs hands this package's worker to the registry and puts it in the timetable.
func AddJobs(r *jobs.Registry, ledger *Ledger, signer *Signer, folder Folder) {
	jobs.AddPlatform(r, func(ctx context.Context, _ CheckpointArgs) error {
		_, err := ledger.Checkpoint(ctx, signer, folder)
		return err
	})
	jobs.Every(r, checkpointEvery, CheckpointArgs{})
}
