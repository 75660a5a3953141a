package db

import (
	"bytes"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"reflect"
	"strconv"
)

// assign stores a column as database/sql does, for the types that our columns
// have; text and whole numbers into each other too, since a sum may be either.
func assign(dest any, v driver.Value) error {
	switch d := dest.(type) {
	case *string:
		if s, ok := v.(string); ok {
			*d = s
			return nil
		}
	case *int64:
		if n, ok := v.(int64); ok {
			*d = n
			return nil
		}
	case *bool:
		switch b := v.(type) {
		case int64:
			*d = b != 0
			return nil
		case bool:
			*d = b
			return nil
		}
	case *[]byte:
		if b, ok := v.([]byte); ok {
			*d = bytes.Clone(b)
			return nil
		}
	case *any:
		*d = v
		return nil
	case sql.Scanner:
		return d.Scan(v)
	}
	to := reflect.ValueOf(dest)
	if to.Kind() != reflect.Pointer || to.IsNil() {
		return fmt.Errorf("no place to store in: %T", dest)
	}
	return assignTo(to.Elem(), v)
}

func assignTo(to reflect.Value, v driver.Value) error {
	bad := func() error { return fmt.Errorf("can't store %T as %s", v, to.Type()) }
	if to.Kind() == reflect.Pointer {
		if v == nil {
			to.SetZero()
			return nil
		}
		p := reflect.New(to.Type().Elem())
		to.Set(p)
		return assign(p.Interface(), v)
	}
	if b, ok := v.([]byte); ok && to.Kind() != reflect.Slice {
		v = string(b)
	}
	switch to.Kind() {
	case reflect.String:
		switch s := v.(type) {
		case string:
			to.SetString(s)
			return nil
		case int64:
			to.SetString(strconv.FormatInt(s, 10))
			return nil
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, ok := v.(int64)
		if s, text := v.(string); text {
			var err error
			n, err = strconv.ParseInt(s, 10, 64)
			ok = err == nil
		}
		if !ok || to.OverflowInt(n) {
			return bad()
		}
		to.SetInt(n)
		return nil
	case reflect.Bool:
		switch b := v.(type) {
		case int64:
			to.SetBool(b != 0)
			return nil
		case bool:
			to.SetBool(b)
			return nil
		}
	case reflect.Float64:
		switch n := v.(type) {
		case float64:
			to.SetFloat(n)
			return nil
		case int64:
			to.SetFloat(float64(n))
			return nil
		}
	case reflect.Slice:
		if to.Type().Elem().Kind() != reflect.Uint8 {
			return bad()
		}
		switch b := v.(type) {
		case nil:
			to.SetZero()
			return nil
		case []byte:
			to.SetBytes(bytes.Clone(b))
			return nil
		case string:
			to.SetBytes([]byte(b))
			return nil
		}
	}
	return bad()
}
