import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.AbstractDeserializationSchema;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * The obvious job: what is JSON and has a number goes on, everything else goes to a dead letter topic by a side output.
 * Ends when it has read what was there. Arguments: brokers, input, output, dead letter topic.
 */
public class FlinkJob {
  private static final OutputTag<byte[]> malformed = new OutputTag<>("malformed") {};

  public static void main(String[] args) throws Exception {
    var config = new Configuration();
    config.setString("taskmanager.memory.network.min", "16mb");
    config.setString("taskmanager.memory.network.max", "16mb");
    config.setString("taskmanager.memory.managed.size", "16mb");
    var job = StreamExecutionEnvironment.createLocalEnvironment(1, config);
    var source = KafkaSource.<byte[]>builder()
        .setBootstrapServers(args[0]).setTopics(args[1])
        .setStartingOffsets(OffsetsInitializer.earliest()).setBounded(OffsetsInitializer.latest())
        .setValueOnlyDeserializer(new Raw()).build();
    var good = job.fromSource(source, WatermarkStrategy.noWatermarks(), "raw").process(new Check());
    good.sinkTo(sink(args[0], args[2]));
    good.getSideOutput(malformed).sinkTo(sink(args[0], args[3]));
    job.execute();
  }

  private static KafkaSink<byte[]> sink(String brokers, String topic) {
    var records = KafkaRecordSerializationSchema.<byte[]>builder().setTopic(topic).setValueSerializationSchema(new Raw()).build();
    return KafkaSink.<byte[]>builder().setBootstrapServers(brokers).setRecordSerializer(records).build();
  }

  /** Values as they are. */
  public static class Raw extends AbstractDeserializationSchema<byte[]> implements SerializationSchema<byte[]> {
    @Override
    public byte[] deserialize(byte[] message) {
      return message;
    }

    @Override
    public byte[] serialize(byte[] value) {
      return value;
    }
  }

  /** Sorts values out. */
  public static class Check extends ProcessFunction<byte[], byte[]> {
    private static final ObjectMapper json = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    @Override
    public void processElement(byte[] value, Context context, Collector<byte[]> out) {
      try {
        if (!json.readTree(value).path("id").isNumber()) throw new IOException("no id");
        out.collect(value);
      } catch (IOException bad) {
        context.output(malformed, value);
      }
    }
  }
}
