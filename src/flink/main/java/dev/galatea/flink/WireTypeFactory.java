package dev.galatea.flink;

import dev.galatea.flink.internal.RecordFormat;
import dev.galatea.records.request.Adopt;
import dev.galatea.records.request.Cancel;
import dev.galatea.records.request.Command;
import dev.galatea.records.request.FaceImage;
import dev.galatea.records.request.Forget;
import dev.galatea.records.request.LightingEdit;
import dev.galatea.records.request.Look;
import dev.galatea.records.request.Message;
import dev.galatea.records.request.Prompt;
import dev.galatea.records.request.Request;
import dev.galatea.records.request.Revert;
import dev.galatea.records.result.Accepted;
import dev.galatea.records.result.AvatarViews;
import dev.galatea.records.result.Forgotten;
import dev.galatea.records.result.LatestAvatar;
import dev.galatea.records.result.Reject;
import dev.galatea.records.result.Render;
import java.lang.reflect.Type;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInfoFactory;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.TypeExtractor;

/**
 * Makes Galatea's records known to Flink's type extraction. Their module knows nothing of Flink, so
 * they cannot carry {@code @TypeInfo}. Public, with a public constructor, because Flink
 * instantiates it.
 */
public final class WireTypeFactory extends TypeInfoFactory<Object> {
  private static final Map<Class<?>, RecordFormat<?>> FORMATS = new LinkedHashMap<>();
  private static boolean registered;

  static {
    FORMATS.put(Request.class, RecordFormat.REQUEST);
    FORMATS.put(FaceImage.class, RecordFormat.REQUEST);
    FORMATS.put(Prompt.class, RecordFormat.REQUEST);
    FORMATS.put(LightingEdit.class, RecordFormat.REQUEST);
    FORMATS.put(Render.class, RecordFormat.RENDER);
    FORMATS.put(Reject.class, RecordFormat.REJECT);
    FORMATS.put(Message.class, RecordFormat.MESSAGE);
    FORMATS.put(Command.class, RecordFormat.MESSAGE);
    FORMATS.put(Forget.class, RecordFormat.MESSAGE);
    FORMATS.put(Cancel.class, RecordFormat.MESSAGE);
    FORMATS.put(Revert.class, RecordFormat.MESSAGE);
    FORMATS.put(Adopt.class, RecordFormat.MESSAGE);
    FORMATS.put(Look.class, RecordFormat.MESSAGE);
    FORMATS.put(AvatarViews.class, RecordFormat.VIEWS);
    FORMATS.put(Accepted.class, RecordFormat.ACCEPTED);
    FORMATS.put(Forgotten.class, RecordFormat.FORGOTTEN);
    FORMATS.put(LatestAvatar.class, RecordFormat.LATEST);
  }

  /** For Flink. */
  public WireTypeFactory() {}

  /** Registers every type once: Flink refuses a second time. */
  static synchronized void register() {
    if (!registered) {
      registered = true;
      FORMATS.keySet().forEach(type -> TypeExtractor.registerFactory(type, WireTypeFactory.class));
    }
  }

  @Override
  @SuppressWarnings({"unchecked", "rawtypes"}) // the map holds the format of each type
  public TypeInformation<Object> createTypeInfo(
      Type type, Map<String, TypeInformation<?>> parameters) {
    RecordFormat<?> format = FORMATS.get((Class<?>) type);
    return new WireTypeInfo((Class<?>) type, format);
  }
}
