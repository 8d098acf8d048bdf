/** The forms that values may have on topics: {@link dev.galatea.records.format.ValueFormat}. */
package dev.galatea.records.format;
