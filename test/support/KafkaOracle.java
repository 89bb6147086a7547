import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;

/**
 * Kafka's own client, which writes and reads records for tests: a command a line on standard input, followed by records, one a
 * line. A record is its partition, timestamp, key, value and headers, with blanks between; bytes are = and their Base64, null is -.
 */
class KafkaOracle {
  private static final BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
  private static final PrintStream out = new PrintStream(System.out, false, StandardCharsets.US_ASCII);

  public static void main(String[] args) throws Exception {
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      switch (words[0]) {
        case "write" -> write(args[0], words[1], words[2], Integer.parseInt(words[3]));
        case "read" -> read(args[0], words[1]);
        case "partition" -> partition(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
        default -> throw new IllegalArgumentException(line);
      }
      out.println("end");
      out.flush();
    }
  }

  private static void write(String brokers, String topic, String codec, int count) throws Exception {
    Map<String, Object> config = new HashMap<>();
    config.put("bootstrap.servers", brokers);
    config.put("compression.type", codec);
    config.put("linger.ms", 50);
    config.put("batch.size", 900_000);
    config.put("max.request.size", 16_000_000);
    try (var producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        String[] words = in.readLine().split(" ");
        long time = Long.parseLong(words[1]);
        var record = new ProducerRecord<>(topic, Integer.parseInt(words[0]), time, bytes(words[2]), bytes(words[3]));
        for (int w = 4; w < words.length; w += 2)
          record.headers().add(new String(bytes(words[w]), StandardCharsets.UTF_8), bytes(words[w + 1]));
        sent.add(producer.send(record));
      }
      for (Future<RecordMetadata> each : sent) each.get();
    }
  }

  private static void read(String brokers, String topic) {
    Map<String, Object> config = Map.of("bootstrap.servers", brokers, "isolation.level", "read_committed");
    try (var consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> all = new ArrayList<>();
      consumer.partitionsFor(topic).forEach(info -> all.add(new TopicPartition(topic, info.partition())));
      consumer.assign(all);
      consumer.seekToBeginning(all);
      Map<TopicPartition, Long> ends = consumer.endOffsets(all);
      while (all.stream().anyMatch(each -> consumer.position(each) < ends.get(each)))
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) out.println(line(record));
    }
  }

  private static void partition(int partitions, int count) throws Exception {
    for (int i = 0; i < count; i++)
      out.println(Utils.toPositive(Utils.murmur2(bytes(in.readLine()))) % partitions);
  }

  private static String line(ConsumerRecord<byte[], byte[]> record) {
    StringJoiner words = new StringJoiner(" ");
    words.add(record.partition() + ":" + record.offset() + ":" + record.timestampType()).add("" + record.timestamp());
    words.add(text(record.key())).add(text(record.value()));
    for (Header header : record.headers())
      words.add(text(header.key().getBytes(StandardCharsets.UTF_8))).add(text(header.value()));
    return words.toString();
  }

  private static byte[] bytes(String word) {
    return word.equals("-") ? null : Base64.getDecoder().decode(word.substring(1));
  }

  private static String text(byte[] bytes) {
    return bytes == null ? "-" : "=" + Base64.getEncoder().encodeToString(bytes);
  }
}
