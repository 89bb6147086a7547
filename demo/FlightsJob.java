import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.apache.avro.Schema;
import org.apache.avro.reflect.ReflectData;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.formats.parquet.ParquetWriterFactory;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.streaming.api.functions.sink.filesystem.BucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.OutputFileConfig;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.SimpleVersionedStringSerializer;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.apache.hadoop.conf.Configuration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/**
 * What flies goes from the raw topic to the processed one and, as Parquet by the hour of departure, to the golden zone. What
 * is no flight goes to the dead letter topic byte for byte, with headers that tell where it was and what is wrong.
 * Arguments: brokers, raw topic, processed topic, dead letter topic, folder, milliseconds between checkpoints, parallelism.
 */
public class FlightsJob {
  private static final String name = "flights-job";
  private static final OutputTag<Letter> malformed = new OutputTag<>("malformed") {};
  // Read once, not once for each file.
  private static final Configuration hadoop = new Configuration();
  private static final Schema schema = new Schema.Parser().parse("""
      {"type": "record", "name": "flight", "fields": [
        {"name": "id", "type": "long"},
        {"name": "departure", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "delay", "type": ["null", "int"]},
        {"name": "distance", "type": ["null", "int"]},
        {"name": "origin", "type": "string"},
        {"name": "destination", "type": "string"}]}""");

  public static void main(String[] args) throws Exception {
    String brokers = args[0];
    var job = StreamExecutionEnvironment.getExecutionEnvironment();
    job.setParallelism(Integer.parseInt(args[6]));
    job.getConfig().enableObjectReuse();
    job.enableCheckpointing(Long.parseLong(args[5]));
    var source = KafkaSource.<Raw>builder()
        .setBootstrapServers(brokers).setTopics(args[1]).setGroupId(name)
        .setStartingOffsets(OffsetsInitializer.earliest())
        .setProperty("isolation.level", "read_committed")
        .setDeserializer(new ReadRaw()).build();
    var flights = job.fromSource(source, WatermarkStrategy.noWatermarks(), "raw").process(new Check());
    flights.sinkTo(kafka(brokers, "processed", new WriteFlight(args[2]))).name("processed");
    flights.sinkTo(golden(args[4])).name("golden");
    flights.getSideOutput(malformed).sinkTo(kafka(brokers, "dead", new WriteLetter(args[3]))).name("dead letters");
    job.execute(name);
  }

  private static <T> KafkaSink<T> kafka(String brokers, String prefix, KafkaRecordSerializationSchema<T> records) {
    return KafkaSink.<T>builder()
        .setBootstrapServers(brokers).setRecordSerializer(records)
        .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE).setTransactionalIdPrefix(name + "-" + prefix)
        .setProperty("transaction.timeout.ms", "60000").build();
  }

  private static FileSink<Flight> golden(String folder) {
    var writers = new ParquetWriterFactory<Flight>(file -> AvroParquetWriter.<Flight>builder(file)
        .withConf(hadoop).withSchema(schema).withDataModel(ReflectData.get())
        .withCompressionCodec(CompressionCodecName.SNAPPY).build());
    return FileSink.forBulkFormat(new Path(folder), writers)
        .withBucketAssigner(new ByHour()).withRollingPolicy(OnCheckpointRollingPolicy.build())
        .withOutputFileConfig(OutputFileConfig.builder().withPartPrefix("part").withPartSuffix(".snappy.parquet").build())
        .build();
  }

  /** A record of the raw topic, and where it stands. */
  public static class Raw implements Serializable {
    public String topic;
    public int partition;
    public long offset;
    public long timestamp;
    public byte[] key;
    public byte[] value;
  }

  /** A record that is no flight. */
  public static class Letter implements Serializable {
    public Raw raw;
    public String error;
    public String message;
  }

  /** A flight, and the record that told of it. */
  public static class Flight implements Serializable {
    public long id;
    public long departure;
    public Integer delay;
    public Integer distance;
    public String origin;
    public String destination;
    public Raw raw;
  }

  /** Takes records as they are. */
  public static class ReadRaw implements KafkaRecordDeserializationSchema<Raw> {
    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Raw> out) {
      var raw = new Raw();
      raw.topic = record.topic();
      raw.partition = record.partition();
      raw.offset = record.offset();
      raw.timestamp = record.timestamp();
      raw.key = record.key();
      raw.value = record.value();
      out.collect(raw);
    }

    @Override
    public TypeInformation<Raw> getProducedType() {
      return TypeInformation.of(Raw.class);
    }
  }

  /** Sorts flights from what is none. */
  public static class Check extends ProcessFunction<Raw, Flight> {
    private static final ObjectMapper json = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    @Override
    public void processElement(Raw raw, Context context, Collector<Flight> out) {
      Flight flight;
      try {
        flight = read(json.readTree(raw.value));
      } catch (IOException | RuntimeException bad) {
        var letter = new Letter();
        letter.raw = raw;
        letter.error = bad.getClass().getName();
        letter.message = String.valueOf(bad.getMessage());
        context.output(malformed, letter);
        return;
      }
      flight.raw = raw;
      out.collect(flight);
    }

    private static Flight read(JsonNode value) {
      var flight = new Flight();
      flight.id = integer(value, "id");
      flight.departure = Instant.parse(text(value, "departure")).toEpochMilli();
      flight.delay = integer(value, "delay");
      flight.distance = integer(value, "distance");
      flight.origin = text(value, "origin");
      flight.destination = text(value, "destination");
      return flight;
    }

    private static int integer(JsonNode value, String field) {
      if (!value.path(field).isInt()) throw new IllegalArgumentException("field '" + field + "' is no integer");
      return value.path(field).intValue();
    }

    private static String text(JsonNode value, String field) {
      if (!value.path(field).isTextual()) throw new IllegalArgumentException("field '" + field + "' is no text");
      return value.path(field).textValue();
    }
  }

  /** The folder of an hour, such as 2001/01/31/23, by the time of the departure. */
  public static class ByHour implements BucketAssigner<Flight, String> {
    private static final DateTimeFormatter folder = DateTimeFormatter.ofPattern("yyyy/MM/dd/HH").withZone(ZoneOffset.UTC);

    @Override
    public String getBucketId(Flight flight, Context context) {
      return folder.format(Instant.ofEpochMilli(flight.departure));
    }

    @Override
    public SimpleVersionedSerializer<String> getSerializer() {
      return SimpleVersionedStringSerializer.INSTANCE;
    }
  }

  private record WriteFlight(String topic) implements KafkaRecordSerializationSchema<Flight> {
    @Override
    public ProducerRecord<byte[], byte[]> serialize(Flight flight, KafkaSinkContext context, Long timestamp) {
      return new ProducerRecord<>(topic, null, flight.raw.timestamp, flight.raw.key, flight.raw.value);
    }
  }

  private record WriteLetter(String topic) implements KafkaRecordSerializationSchema<Letter> {
    @Override
    public ProducerRecord<byte[], byte[]> serialize(Letter letter, KafkaSinkContext context, Long timestamp) {
      var raw = letter.raw;
      var record = new ProducerRecord<>(topic, null, raw.timestamp, raw.key, raw.value);
      tell(record, "job", name);
      tell(record, "source-topic", raw.topic);
      tell(record, "source-partition", String.valueOf(raw.partition));
      tell(record, "source-offset", String.valueOf(raw.offset));
      tell(record, "error-class", letter.error);
      tell(record, "error-message", letter.message);
      return record;
    }

    private static void tell(ProducerRecord<byte[], byte[]> record, String header, String text) {
      record.headers().add(header, text.getBytes(StandardCharsets.UTF_8));
    }
  }
}
