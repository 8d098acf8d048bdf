/** {@code galatea demo}: from request lines to pictures, through a stream in this process. */
package dev.galatea.cli.demo;
