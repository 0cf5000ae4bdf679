package find

import (
	"encoding/binary"
	"math/bits"

	"github.com/google/uuid"
)

// setBit sets a bit; the bitmap grows to hold at least count bits.
func setBit(set []uint64, at uint32, count int) []uint64 {
	if need := (count + 63) / 64; need > len(set) {
		set = append(set, make([]uint64, need-len(set))...)
	}
	set[at/64] |= 1 << (at % 64)
	return set
}

func clearBit(set []uint64, at uint32) {
	if int(at/64) < len(set) {
		set[at/64] &^= 1 << (at % 64)
	}
}

func hasBit(set []uint64, at uint32) bool {
	return int(at/64) < len(set) && set[at/64]&(1<<(at%64)) != 0
}

// eachBit walks through the set bits of a bitmap.
func eachBit(bitmap []uint64) func(func(uint32) bool) {
	return func(yield func(uint32) bool) {
		for i, word := range bitmap {
			for ; word != 0; word &= word - 1 {
				if !yield(uint32(i*64 + bits.TrailingZeros64(word))) {
					return
				}
			}
		}
	}
}

// nextBit is the first set bit at or after from; without one it is past the end.
func nextBit(bitmap []uint64, from int) int {
	at := from / 64
	if at >= len(bitmap) {
		return 64 * len(bitmap)
	}
	for word := bitmap[at] >> (from % 64) << (from % 64); ; word = bitmap[at] {
		if word != 0 {
			return at*64 + bits.TrailingZeros64(word)
		}
		if at++; at == len(bitmap) {
			return 64 * at
		}
	}
}

// An idTable finds the document of a person: an open hash table of documents, whose
// ids are looked up beside it.
type idTable struct {
	slots []uint32 // document+1, 0 for none
	used  int
}

func (t *idTable) get(id uuid.UUID, ids []uuid.UUID) (uint32, bool) {
	if len(t.slots) == 0 {
		return 0, false
	}
	at := t.find(id, ids)
	return t.slots[at] - 1, t.slots[at] != 0
}

func (t *idTable) find(id uuid.UUID, ids []uuid.UUID) uint64 {
	last := uint64(len(t.slots) - 1)
	hash := (binary.LittleEndian.Uint64(id[8:]) ^ binary.LittleEndian.Uint64(id[:8])) * 0x9E3779B97F4A7C15
	for at := (hash >> 32) & last; ; at = (at + 1) & last {
		if t.slots[at] == 0 || ids[t.slots[at]-1] == id {
			return at
		}
	}
}

func (t *idTable) put(id uuid.UUID, doc uint32, ids []uuid.UUID) {
	if 4*(t.used+1) > 3*len(t.slots) {
		t.grow(2*len(t.slots), ids)
	}
	at := t.find(id, ids)
	if t.slots[at] == 0 {
		t.used++
	}
	t.slots[at] = doc + 1
}

// grow makes room for at least size slots.
func (t *idTable) grow(size int, ids []uuid.UUID) {
	old := t.slots
	room := 64
	for room < size {
		room *= 2
	}
	t.slots = make([]uint32, room)
	for _, slot := range old {
		if slot != 0 {
			t.slots[t.find(ids[slot-1], ids)] = slot
		}
	}
}
