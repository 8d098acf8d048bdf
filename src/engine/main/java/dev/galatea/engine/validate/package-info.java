/** Decides whether a request can be carried out, before any device sees it. */
package dev.galatea.engine.validate;
