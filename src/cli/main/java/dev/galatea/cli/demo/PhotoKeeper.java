package dev.galatea.cli.demo;

import dev.galatea.cli.requests.RequestLine;
import dev.galatea.engine.picture.PictureFiles;
import dev.galatea.engine.picture.WholePicture;
import dev.galatea.records.EncodedImage;
import dev.galatea.records.HeadCrop;
import dev.galatea.records.Image;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.Request;
import dev.galatea.records.result.InvalidRequest;
import java.io.IOException;
import java.util.Optional;

/**
 * Keeps the photos of a demo's requests for the sheet, as small as the sheet shows them. The crop
 * is cut out of the file when the job has told where it is, so that no large picture is held.
 *
 * @param journal holds them
 * @param imageSize pixels along a side of the pack's images
 */
record PhotoKeeper(DemoRecord journal, int imageSize) {

  /** Keeps the photo of a request, if it has one. */
  void keep(Request request) {
    Optional<FaceImage> face = face(request);
    if (face.isPresent()) {
      try {
        journal.photo(request.header().identity(), sheetPhoto(face.get()));
      } catch (InvalidRequest e) {
        // The job answers with a reject, which tells what is wrong.
        return;
      }
    }
  }

  private SheetPhoto sheetPhoto(FaceImage face) throws InvalidRequest {
    byte[] file = file(face);
    return face.aligned()
        ? SheetPhoto.of(PictureFiles.decode(file, imageSize))
        : SheetPhoto.of(PictureFiles.decodeWhole(file), ContactSheet.PICTURE);
  }

  /**
   * Adds the crop that the job made of a photo.
   *
   * @throws IOException if the photo cannot be read again
   */
  void keepCrop(RequestLine line, HeadCrop crop) throws IOException {
    Optional<SheetPhoto> photo = journal.photo(line.identity());
    if (photo.isPresent()) {
      WholePicture whole = again(line);
      journal.photo(line.identity(), photo.get().with(whole, crop, ContactSheet.PICTURE));
    }
  }

  private static WholePicture again(RequestLine line) throws IOException {
    try {
      return PictureFiles.decodeWhole(file(face(line.request()).orElseThrow()));
    } catch (InvalidRequest e) {
      throw new IOException("the photo of " + line.place() + " is not what was sent", e);
    }
  }

  private static Optional<FaceImage> face(Request request) {
    return request.match(Optional::of, prompt -> Optional.empty(), edit -> Optional.empty());
  }

  private static byte[] file(FaceImage face) {
    return face.image().match(EncodedImage::bytes, PhotoKeeper::noFile, PhotoKeeper::noFile);
  }

  private static byte[] noFile(Image image) {
    throw new IllegalStateException("request lines hold files alone");
  }
}
