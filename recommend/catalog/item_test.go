package catalog

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"osusume/recommend"
)

// TestEveryFieldIsKept sets one field at a time, so that a field added to
// Item later cannot be lost.
func TestEveryFieldIsKept(t *testing.T) {
	if !bare(&recommend.Item{ID: "a"}) {
		t.Fatal("an item with nothing but its id is not bare")
	}
	for f := range reflect.TypeFor[recommend.Item]().Fields() {
		if f.Name == "ID" {
			continue
		}
		var it recommend.Item
		set(t, reflect.ValueOf(&it).Elem().FieldByIndex(f.Index))
		if bare(&it) {
			t.Errorf("an item with %s counts as bare", f.Name)
		}
		c := New()
		it.ID = "a"
		i := c.Put(it)
		if got := c.Snapshot().Item(i); !reflect.DeepEqual(*got, it) {
			t.Errorf("with %s Put keeps %+v, want %+v", f.Name, *got, it)
		}
		var b bytes.Buffer
		if err := c.Encode(&b); err != nil {
			t.Fatal(err)
		}
		d, err := Decode(&b)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Snapshot().Item(i); !reflect.DeepEqual(*got, it) {
			t.Errorf("with %s Decode gives %+v, want %+v", f.Name, *got, it)
		}
	}
}

// set gives v any value but its zero.
func set(t *testing.T, v reflect.Value) {
	t.Helper()
	if at, ok := v.Addr().Interface().(*time.Time); ok {
		*at = time.Unix(1, 0).UTC()
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int64:
		v.SetInt(1)
	case reflect.Float64:
		v.SetFloat(1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		set(t, v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		set(t, v.Index(0))
	case reflect.Map:
		k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		set(t, k)
		set(t, e)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(k, e)
	case reflect.Struct:
		for k := range v.NumField() {
			set(t, v.Field(k))
		}
	default:
		t.Fatalf("no value for %s", v.Type())
	}
}
