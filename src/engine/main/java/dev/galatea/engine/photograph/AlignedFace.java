package dev.galatea.engine.photograph;

import dev.galatea.records.Camera;
import dev.galatea.records.HeadCrop;
import dev.galatea.records.Picture;

/**
 * What was made of a photograph.
 *
 * @param picture the pack's crop, on the pack's backdrop if the pack takes others off
 * @param camera that took the crop, as the pack estimates it
 * @param crop where it lies in the sent picture
 */
public record AlignedFace(Picture picture, Camera camera, HeadCrop crop) {}
