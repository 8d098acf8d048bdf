/**
 * The life of a request, and what is kept of an avatar between requests. {@link
 * dev.galatea.engine.avatar.LocalRefinement} and {@link dev.galatea.engine.avatar.AvatarSnapshot}
 * are API. The rest is public for the operator of a job, which lies in another module.
 */
package dev.galatea.engine.avatar;
