// Package demoshop generates a shop: a catalog with Japanese and English
// titles, customers with tastes, and a year of GA4 events in which known
// structure is planted.
package demoshop
