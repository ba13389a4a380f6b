package live

import (
	"context"
	"fmt"

	"osusume/recommend"
)

// PutItems creates or replaces items, all or none. Errors name the entry:
// "items[3].price".
func (l *Live) PutItems(ctx context.Context, items []recommend.Item) (uint64, error) {
	for i := range items {
		if err := items[i].Validate(); err != nil {
			e := *asError(err)
			if len(items) > 1 {
				e.Field = fmt.Sprintf("items[%d].%s", i, e.Field)
			}
			return 0, &e
		}
	}
	l.catalogWrites.Lock()
	defer l.catalogWrites.Unlock()
	return l.writeItems(ctx, recommend.RecordItemPut, items)
}

// PatchItem changes the existing item id with patch; concurrent patches of one
// item do not lose each other's changes. An error of patch is returned as it
// is and changes nothing. patch must replace, not change, what the item's
// pointers, slices and maps refer to: readers share them.
func (l *Live) PatchItem(ctx context.Context, id string, patch func(*recommend.Item) error) (recommend.Item, uint64, error) {
	l.catalogWrites.Lock()
	defer l.catalogWrites.Unlock()
	old, err := l.item(ctx, id)
	if err != nil {
		return recommend.Item{}, 0, err
	}
	item := *old
	if err := patch(&item); err != nil {
		return recommend.Item{}, 0, err
	}
	if item.ID != id {
		return recommend.Item{}, 0, recommend.Invalid("item_id", "cannot be changed")
	}
	if err := item.Validate(); err != nil {
		return recommend.Item{}, 0, err
	}
	seq, err := l.writeItems(ctx, recommend.RecordItemPut, []recommend.Item{item})
	return item, seq, err
}

// DeleteItem removes an item from every list; what was learned from it stays.
func (l *Live) DeleteItem(ctx context.Context, id string) (uint64, error) {
	l.catalogWrites.Lock()
	defer l.catalogWrites.Unlock()
	if _, err := l.item(ctx, id); err != nil {
		return 0, err
	}
	return l.writeItems(ctx, recommend.RecordItemDelete, []recommend.Item{{ID: id}})
}

// item returns the newest acknowledged state of an item; the caller holds
// catalogWrites, so no other change to it is under way.
func (l *Live) item(ctx context.Context, id string) (*recommend.Item, error) {
	if err := l.Await(ctx, l.acknowledged.Load()); err != nil {
		return nil, err
	}
	it, ok := l.View().Item(id)
	if !ok {
		return nil, recommend.NotFound("item_id", "no item %q", id)
	}
	return it, nil
}

func (l *Live) writeItems(ctx context.Context, kind recommend.RecordKind, items []recommend.Item) (uint64, error) {
	if len(items) == 0 {
		return 0, nil
	}
	now := l.cfg.Clock().UTC()
	records := make([]recommend.Record, len(items))
	for i := range items {
		records[i] = recommend.Record{Kind: kind, Item: items[i], Received: now}
	}
	appended, err := l.write(ctx, records)
	if err != nil {
		return 0, err
	}
	return appended[len(appended)-1].Seq, nil
}
