package dev.galatea.cli.bench;

import dev.galatea.cli.requests.RequestSource;
import dev.galatea.engine.latent.Avatar;
import dev.galatea.engine.pack.manifest.PackManifest;
import dev.galatea.engine.picture.PictureFiles;
import dev.galatea.engine.refine.Intent;
import dev.galatea.engine.refine.Refiner;
import dev.galatea.records.Header;
import dev.galatea.records.Picture;
import dev.galatea.records.SphericalHarmonics;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.InvalidRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What every part of the benchmark does: a photo, a prompt and a light, on the sample portraits.
 *
 * @param pictures the portraits at the pack's size
 */
record BenchWork(List<Picture> pictures) {
  static final String PROMPT = "wearing round glasses";
  static final SphericalHarmonics LIGHT = SphericalHarmonics.directional(-1, 0.2, 1, 1.2, 0.35);

  private static final int PORTRAITS = 4;

  /** Reads the sample portraits. */
  static BenchWork load(PackManifest manifest) throws IOException {
    List<Picture> pictures = new ArrayList<>();
    for (int i = 1; i <= PORTRAITS; i++) {
      try {
        pictures.add(PictureFiles.decode(portrait(i), manifest.imageSize()));
      } catch (InvalidRequest e) {
        throw new IOException("a sample portrait is broken", e);
      }
    }
    return new BenchWork(pictures);
  }

  /** The file of a portrait, by its number from 1, counted round. */
  static byte[] portrait(int number) throws IOException {
    return RequestSource.bundled().read("head-%d.png".formatted((number - 1) % PORTRAITS + 1));
  }

  /** A request of the kind at its first step, with all that was asked for before it. */
  Refiner.Row row(int identity, Request.Kind kind, int steps, int budget) {
    Intent photo =
        new Intent(
            Optional.of(
                new Intent.Source(pictures.get(identity % pictures.size()), Optional.empty())),
            Optional.empty(),
            Optional.empty());
    Header header = Header.of("bench-" + identity, "bench");
    Intent intent =
        switch (kind) {
          case IMAGE -> photo;
          case PROMPT -> photo.with(new Prompt(header, PROMPT, "", 1));
          case LIGHT -> photo.with(new LightingEdit(header, Optional.of(LIGHT)));
        };
    return new Refiner.Row(
        header.identity(), 1, kind, intent, Optional.empty(), Optional.empty(), steps, budget);
  }

  /** The row of an edit, which begins at the avatar that the outcome of another row left. */
  static Refiner.Row after(Refiner.Outcome avatar, Refiner.Row edit) {
    return new Refiner.Row(
        edit.identity(),
        edit.version() + 1,
        edit.kind(),
        edit.intent(),
        Optional.of(new Avatar(edit.version(), advanced(avatar).draft().latent())),
        Optional.empty(),
        edit.steps(),
        edit.budget());
  }

  /** The row after an outcome, or at its first step again when its budget is spent. */
  static Refiner.Row next(Refiner.Row row, Refiner.Outcome outcome) {
    Refiner.Advanced advanced = advanced(outcome);
    boolean spent = advanced.converged() || advanced.draft().step() + row.steps() > row.budget();
    return row.withDraft(spent ? Optional.empty() : Optional.of(advanced.draft()));
  }

  private static Refiner.Advanced advanced(Refiner.Outcome outcome) {
    return outcome.match(
        advanced -> advanced,
        diverged -> {
          throw new IllegalStateException("the benchmark's work diverged: " + diverged);
        });
  }
}
