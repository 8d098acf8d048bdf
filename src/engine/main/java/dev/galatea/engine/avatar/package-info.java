/** The life of a request, and what is kept of an avatar between requests. */
package dev.galatea.engine.avatar;
