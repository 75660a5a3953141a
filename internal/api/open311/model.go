package open311

import (
	"encoding/json"
	"encoding/xml"
)

// A Service is what can be reported.
type Service struct {
	Code        string `json:"service_code" xml:"service_code"`
	Name        string `json:"service_name" xml:"service_name"`
	Description string `json:"description" xml:"description"`
	Metadata    bool   `json:"metadata" xml:"metadata"`
	Type        string `json:"type" xml:"type"`
	Keywords    string `json:"keywords" xml:"keywords"`
	Group       string `json:"group" xml:"group"`
}

type services struct {
	XMLName xml.Name  `json:"-" xml:"services"`
	List    []Service `xml:"service"`
}

// A Definition lists what may be said beside the text.
type Definition struct {
	XMLName    xml.Name    `json:"-" xml:"service_definition"`
	Code       string      `json:"service_code" xml:"service_code"`
	Attributes []Attribute `json:"attributes" xml:"attributes>attribute"`
}

// An Attribute is one question of a service.
type Attribute struct {
	Variable     bool    `json:"variable" xml:"variable"`
	Code         string  `json:"code" xml:"code"`
	Datatype     string  `json:"datatype" xml:"datatype"`
	Required     bool    `json:"required" xml:"required"`
	DatatypeHint string  `json:"datatype_description" xml:"datatype_description"`
	Order        int     `json:"order" xml:"order"`
	Description  string  `json:"description" xml:"description"`
	Values       []Value `json:"values,omitempty" xml:"values>value,omitempty"`
}

// A Value is one choice.
type Value struct {
	Key  string `json:"key" xml:"key"`
	Name string `json:"name" xml:"name"`
}

// A Request is a report as everybody may read it.
type Request struct {
	ID          string      `json:"service_request_id" xml:"service_request_id"`
	Status      string      `json:"status" xml:"status"`
	StatusNotes string      `json:"status_notes" xml:"status_notes"`
	ServiceName string      `json:"service_name" xml:"service_name"`
	ServiceCode string      `json:"service_code" xml:"service_code"`
	Description string      `json:"description" xml:"description"`
	Agency      string      `json:"agency_responsible" xml:"agency_responsible"`
	Notice      string      `json:"service_notice" xml:"service_notice"`
	Requested   string      `json:"requested_datetime" xml:"requested_datetime"`
	Updated     string      `json:"updated_datetime" xml:"updated_datetime"`
	Expected    string      `json:"expected_datetime" xml:"expected_datetime"`
	Address     string      `json:"address" xml:"address"`
	AddressID   string      `json:"address_id" xml:"address_id"`
	Zipcode     string      `json:"zipcode" xml:"zipcode"`
	Lat         json.Number `json:"lat,omitempty" xml:"lat,omitempty"`
	Long        json.Number `json:"long,omitempty" xml:"long,omitempty"`
	MediaURL    string      `json:"media_url" xml:"media_url"`
}

type requests struct {
	XMLName xml.Name  `json:"-" xml:"service_requests"`
	List    []Request `xml:"request"`
}

// An Accepted answers a new request. The account is always empty: there is none.
type Accepted struct {
	ID      string  `json:"service_request_id" xml:"service_request_id"`
	Notice  string  `json:"service_notice" xml:"service_notice"`
	Account *string `json:"account_id" xml:"account_id"`
}

type accepted struct {
	XMLName xml.Name   `json:"-" xml:"service_requests"`
	List    []Accepted `xml:"request"`
}

// A Token leads to the request that came of it.
type Token struct {
	ID    string `json:"service_request_id" xml:"service_request_id"`
	Token string `json:"token" xml:"token"`
}

type tokens struct {
	XMLName xml.Name `json:"-" xml:"service_requests"`
	List    []Token  `xml:"request"`
}

// An Update is a step of a request, or the answer to one that was sent.
type Update struct {
	ID          string `json:"update_id" xml:"update_id"`
	Request     string `json:"service_request_id,omitempty" xml:"service_request_id,omitempty"`
	Status      string `json:"status,omitempty" xml:"status,omitempty"`
	Updated     string `json:"updated_datetime,omitempty" xml:"updated_datetime,omitempty"`
	Description string `json:"description" xml:"description"`
	MediaURL    string `json:"media_url" xml:"media_url"`
}

type updates struct {
	XMLName xml.Name `json:"-" xml:"service_request_updates"`
	List    []Update `xml:"request_update"`
}

// A Discovery says where which version is spoken.
type Discovery struct {
	XMLName    xml.Name   `json:"-" xml:"discovery"`
	Changeset  string     `json:"changeset" xml:"changeset"`
	Contact    string     `json:"contact" xml:"contact"`
	KeyService string     `json:"key_service" xml:"key_service"`
	Endpoints  []Endpoint `json:"endpoints" xml:"endpoints>endpoint"`
}

// An Endpoint is one address of the interface.
type Endpoint struct {
	Specification string   `json:"specification" xml:"specification"`
	URL           string   `json:"url" xml:"url"`
	Changeset     string   `json:"changeset" xml:"changeset"`
	Type          string   `json:"type" xml:"type"`
	Formats       []string `json:"formats" xml:"formats>format"`
}

// A Refusal is one error as the specification has them.
type Refusal struct {
	Code        string `json:"code" xml:"code"`
	Description string `json:"description" xml:"description"`
}

type refusals struct {
	XMLName xml.Name  `json:"-" xml:"errors"`
	List    []Refusal `xml:"error"`
}
