// Package datasets reads shops' data files: for `osusume import`, which sends
// them to the running index, and for bench, which measures on them.
//
// # Importing
//
// `osusume import` reads files of events, compressed (gzip) or not, or stdin
// ("-"), and makes every order and view in them count. Import it again and
// nothing changes; stop it half-way and run it again and it completes. Rows
// that cannot be used never stop an import: they go to the rejects file with
// their line and the reason, and the summary counts them.
//
//	osusume import --currency JPY orders.csv.gz
//	osusume import --format online-retail online_retail.csv.gz
//	osusume import --columns "event:=purchase,time=ordered_at,customer_id=user,order_id=basket,item_id=sku" --currency JPY shop.csv
//
// # The events CSV
//
// A header, then one line per event and item:
//
//		event,time,customer_id,session_id,order_id,item_id,quantity,price,value
//		purchase,2011-11-10T08:06:00Z,18236,,575492,22217,12,1.25,
//		view_item,2015-09-17T00:00:00Z,,s126168,,16156,,,
//		rating,1998-01-27T03:05:23Z,94,,,1,,,5
//
//	  - event: a GA4 name (view_item, add_to_cart, purchase, refund, ...) or rating.
//	  - time: RFC 3339. A time without zone is taken in Options.Location (UTC);
//	    dates and Unix seconds or milliseconds are understood too.
//	  - one of customer_id, anonymous_id, session_id, order_id says who.
//	  - quantity: whole, 1 when empty. price: of one unit, in major units, in the
//	    currency column's or else Options.Currency; a price with more decimals
//	    than the currency has is rejected, and where half the rows do not fit,
//	    the import stops before anything is sent.
//	  - value: the rating; not read for other events.
//	  - also read when present: event_id, anonymous_id, channel, currency,
//	    recommendation_id. Other columns are left alone, the order is free, and
//	    Columns maps other names.
//
// A quote that is never closed costs the line it stands in, not the rest of
// the file.
//
// # Orders and ids
//
// Lines with the same event, order_id, customer, session, channel and (if
// any) event_id, at most 10 minutes and 20,000 rows from the first of them,
// become one event with several items and the first line's time, up to
// recommend.MaxEventItems. Rows without order_id and event_id stay events of
// their own: that two rows share a customer and a time does not make them an
// order.
//
// An event without event_id gets one that is a hash of its content, so the
// same file always gives the same ids. Equal events (two views of one page in
// one second) are told apart by how many equal ones came before; equal events
// more than 262,144 events apart are taken for the same one, which bounds
// memory. An order that a later export holds with more lines is another event:
// give such exports an event_id.
//
// # Online Retail
//
// The UCI file as published (also with the headers of its second edition):
//
//   - An item is a code of five digits and perhaps letters, in upper case
//     (85123a is 85123A). All else (POST, DOT, M, D, C2, BANK CHARGES,
//     AMAZONFEE, CRUK, PADS, S, B, gift_0001_*, DCGS*) is skipped as not_an_item.
//   - An invoice C... is a refund of its (positive) quantities. The file does
//     not say of which purchase, so its order_id is the cancellation's own.
//   - A negative quantity on any other invoice (damaged, lost, recounted) is
//     skipped as stock_adjustment, a unit price of zero or less (samples, found
//     stock) as no_price.
//   - A row without customer belongs to nobody but its order.
//   - Times are the shop's wall clock, taken for UTC unless Options.Location
//     says otherwise: so do the cleaned files made from it.
//   - The catalog gets each item sold, with the title most of its sales carry
//     ("en") and its latest sale's price (GBP). Items are sent after all events,
//     and only if their title or price differs from what the catalog has; other
//     fields are kept. A deleted item that the file sells comes back.
//
// # Complete Journey
//
// A folder with the tables of dunnhumby's Complete Journey as CSV (NAME.csv or
// NAME_sample.csv, compressed or not). An import needs products and transactions:
//
//   - An item is a product. Its category is department / category / type, its brand
//     the manufacturer's number, its family manufacturer and type (one maker's
//     models of one thing), its tag national or private. Fuel, coupons and the
//     till's own entries are no items; sales of those, and of products that are not
//     in the catalog, are skipped as not_an_item.
//   - A basket is an order; its rows may lie anywhere in the file. quantity 0 is
//     skipped as no_quantity, nothing paid as no_price.
//   - The price of one unit is sales_value / quantity, what the shop took, in cents.
//     The catalog gets that of the latest sale.
//   - Times are the shops' wall clock, taken for UTC unless Options.Location says
//     otherwise.
//
// Journey also reads campaigns, their coupons and redemptions, for bench.
package datasets
