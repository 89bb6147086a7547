import java.io.IOException;
import java.time.Duration;
import java.util.NoSuchElementException;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;
import org.apache.kafka.streams.errors.LogAndContinueProcessingExceptionHandler;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;

/** A job of Kafka Streams with a dead letter topic, until its standard input ends. Arguments: brokers, id, input, output, dead letter topic. */
class StreamsJob {
  public static void main(String[] args) throws IOException {
    var config = new Properties();
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, args[1]);
    config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
    config.put(StreamsConfig.STATE_DIR_CONFIG, System.getProperty("java.io.tmpdir") + "/" + args[1]);
    config.put("auto.offset.reset", "earliest");
    config.put(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, args[4]);
    config.put(StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, LogAndContinueExceptionHandler.class);
    config.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, LogAndContinueProcessingExceptionHandler.class);
    var builder = new StreamsBuilder();
    builder.stream(args[2], Consumed.with(Serdes.ByteArray(), Serdes.Long()))
        .mapValues(StreamsJob::price)
        .to(args[3], Produced.with(Serdes.ByteArray(), Serdes.String()));
    try (var job = new KafkaStreams(builder.build(), config)) {
      job.start();
      System.in.read();
      job.close(Duration.ofSeconds(10));
    }
  }

  /** Fails in three ways; numbers above 1000 are good. */
  private static String price(Long amount) {
    if (amount == 0) throw new NoSuchElementException();
    if (amount < 0) throw new IllegalStateException("no price for " + amount);
    try {
      return amount > 1000 ? amount.toString() : Long.toString(Long.parseLong("#" + amount));
    } catch (NumberFormatException cause) {
      throw new IllegalArgumentException("amount of order", cause);
    }
  }
}
