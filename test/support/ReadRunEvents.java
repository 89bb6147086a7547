import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.openlineage.client.OpenLineage;
import io.openlineage.client.OpenLineageClientUtils;
import java.io.BufferedReader;
import java.io.FileReader;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;

/** Has OpenLineage's client read the RunEvents of a file, one a line, and prints what it does not know or keep. */
class ReadRunEvents {
  public static void main(String[] args) throws Exception {
    ObjectMapper mapper = OpenLineageClientUtils.newObjectMapper();
    try (BufferedReader lines = new BufferedReader(new FileReader(args[0]))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        OpenLineage.RunEvent event = mapper.readValue(line, OpenLineage.RunEvent.class);
        JsonNode kept = mapper.readTree(mapper.writeValueAsString(event));
        if (!kept.equals(mapper.readTree(line))) System.out.println("not kept: " + line + " but " + kept);
        tellUnknown("event", event);
      }
    }
  }

  /** What the client has no name for it keeps as additional properties. */
  private static void tellUnknown(String path, Object value) throws Exception {
    if (value instanceof List<?> items) {
      for (Object item : items) tellUnknown(path, item);
    } else if (value != null && value.getClass().getName().startsWith("io.openlineage.")) {
      for (Method getter : value.getClass().getDeclaredMethods()) {
        if (!getter.getName().startsWith("get") || getter.getParameterCount() > 0) continue;
        getter.setAccessible(true);
        Object inner = getter.invoke(value);
        if (!getter.getName().equals("getAdditionalProperties")) tellUnknown(path + "." + getter.getName(), inner);
        else if (!((Map<?, ?>) inner).isEmpty()) System.out.println("unknown: " + path + " " + inner);
      }
    }
  }
}
