package jobs

import (
	"fmt"
	"hash/fnv"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
)

const (
	lanes         = 16
	bulkQueues    = 4
	queueWorkers  = 4 // of each queue, in each process
	laneShare     = 3 // unfinished jobs of one agency in its lane; fewer than queueWorkers
	countedJobs   = 1000
	platformQueue = "platform"
)

// place says where the job of an agency goes that has so many unfinished ones.
func place(agency uuid.UUID, unfinished int) (queue string, priority int) {
	h := fnv.New32a()
	h.Write(agency[:])
	hash := h.Sum32()
	bulk := fmt.Sprintf("bulk_%d", hash/lanes%bulkQueues)
	switch {
	case unfinished < laneShare:
		return fmt.Sprintf("lane_%02d", hash%lanes), 1
	case unfinished < 50:
		return bulk, 2
	case unfinished < countedJobs:
		return bulk, 3
	}
	return bulk, 4
}

// queues are all queues that a process works.
func queues() map[string]river.QueueConfig {
	all := map[string]river.QueueConfig{platformQueue: {MaxWorkers: queueWorkers}}
	for i := range lanes {
		all[fmt.Sprintf("lane_%02d", i)] = river.QueueConfig{MaxWorkers: queueWorkers}
	}
	for i := range bulkQueues {
		all[fmt.Sprintf("bulk_%d", i)] = river.QueueConfig{MaxWorkers: queueWorkers}
	}
	return all
}
