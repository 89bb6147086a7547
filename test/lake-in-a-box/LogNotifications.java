import java.util.Iterator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hive.metastore.IHMSHandler;
import org.apache.hadoop.hive.metastore.TransactionalMetaStoreEventListener;
import org.apache.hadoop.hive.metastore.api.MetaException;
import org.apache.hadoop.hive.metastore.api.NotificationEvent;
import org.apache.hadoop.hive.metastore.api.Partition;
import org.apache.hadoop.hive.metastore.api.Table;
import org.apache.hadoop.hive.metastore.events.AddPartitionEvent;
import org.apache.hadoop.hive.metastore.events.AlterPartitionEvent;
import org.apache.hadoop.hive.metastore.events.AlterTableEvent;
import org.apache.hadoop.hive.metastore.events.CreateTableEvent;
import org.apache.hadoop.hive.metastore.events.DropPartitionEvent;
import org.apache.hadoop.hive.metastore.events.DropTableEvent;
import org.apache.hadoop.hive.metastore.messaging.EventMessage;
import org.apache.hadoop.hive.metastore.messaging.MessageBuilder;
import org.apache.hadoop.hive.metastore.messaging.MessageEncoder;
import org.apache.hadoop.hive.metastore.messaging.MessageFactory;

/**
 * Writes changes of tables and partitions into the metastore's notification log, in the transaction of the change. Stands
 * in for Hive's DbNotificationListener, whose jar of Hive 4.0 is not on Maven Central: messages, log and ids are Hive's.
 */
public class LogNotifications extends TransactionalMetaStoreEventListener {
  private static final MessageBuilder messages = MessageBuilder.getInstance();
  private final MessageEncoder encoder;

  public LogNotifications(Configuration configuration) throws MetaException {
    super(configuration);
    encoder = MessageFactory.getDefaultInstance(configuration);
  }

  @Override
  public void onCreateTable(CreateTableEvent event) throws MetaException {
    Iterator<String> noFiles = java.util.Collections.emptyIterator();
    log(event.getIHMSHandler(), event.getTable(), messages.buildCreateTableMessage(event.getTable(), noFiles));
  }

  @Override
  public void onDropTable(DropTableEvent event) throws MetaException {
    log(event.getIHMSHandler(), event.getTable(), messages.buildDropTableMessage(event.getTable()));
  }

  @Override
  public void onAlterTable(AlterTableEvent event) throws MetaException {
    Table before = event.getOldTable();
    log(
        event.getIHMSHandler(),
        before,
        messages.buildAlterTableMessage(before, event.getNewTable(), event.getIsTruncateOp(), event.getWriteId()));
  }

  @Override
  public void onAddPartition(AddPartitionEvent event) throws MetaException {
    Iterator<Partition> partitions = event.getPartitionIterator();
    log(
        event.getIHMSHandler(),
        event.getTable(),
        messages.buildAddPartitionMessage(event.getTable(), partitions, java.util.Collections.emptyIterator()));
  }

  @Override
  public void onDropPartition(DropPartitionEvent event) throws MetaException {
    log(
        event.getIHMSHandler(),
        event.getTable(),
        messages.buildDropPartitionMessage(event.getTable(), event.getPartitionIterator()));
  }

  @Override
  public void onAlterPartition(AlterPartitionEvent event) throws MetaException {
    log(
        event.getIHMSHandler(),
        event.getTable(),
        messages.buildAlterPartitionMessage(
            event.getTable(),
            event.getOldPartition(),
            event.getNewPartition(),
            event.getIsTruncateOp(),
            event.getWriteId()));
  }

  private void log(IHMSHandler handler, Table table, EventMessage message) throws MetaException {
    int now = (int) (System.currentTimeMillis() / 1000);
    String text = encoder.getSerializer().serialize(message);
    NotificationEvent event = new NotificationEvent(0, now, message.getEventType().toString(), text);
    event.setMessageFormat(encoder.getMessageFormat());
    event.setCatName(table.getCatName());
    event.setDbName(table.getDbName());
    event.setTableName(table.getTableName());
    try {
      handler.getMS().addNotificationEvent(event);
    } catch (Exception reason) {
      throw new MetaException(String.valueOf(reason));
    }
  }
}
