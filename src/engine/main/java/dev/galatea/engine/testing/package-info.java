/**
 * A refiner without networks, for tests of whatever carries requests to refiners: lanes, operators,
 * jobs. It is exact and quick, and a test can hold it, fail it and take its memory away.
 */
package dev.galatea.engine.testing;
