/** What the studio knows: kept of what the topics tell. */
package dev.galatea.studio.gallery;
