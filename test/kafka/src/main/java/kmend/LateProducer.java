package kmend;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceDataCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.SimpleRecord;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.ResponseHeader;

/**
 * Appends transactional records that the coordinator has heard nothing of, as a producer's delayed request did before
 * KIP-890. The broker takes them only with transaction.partition.verification.enable=false.
 */
final class LateProducer {
    /** The last version in which the broker itself does not tell the coordinator. */
    private static final short VERSION = 11;
    /** Older than any transaction may become: only then is it called hanging. */
    private static final long AGE_MS = 3_600_000;

    private final String host;
    private final int port;

    LateProducer(String bootstrap) {
        var colon = bootstrap.lastIndexOf(':');
        host = bootstrap.substring(0, colon);
        port = Integer.parseInt(bootstrap.substring(colon + 1));
    }

    void produce(TopicPartition to, String transactionalId, long producerId, short epoch) throws IOException {
        var record = new SimpleRecord(System.currentTimeMillis() - AGE_MS, "key".getBytes(), "late".getBytes());
        var records = MemoryRecords.withTransactionalRecords(Compression.NONE, producerId, epoch, 0, record);
        var partition = new PartitionProduceData().setIndex(to.partition()).setRecords(records);
        var topic = new TopicProduceData().setName(to.topic()).setPartitionData(List.of(partition));
        var data = new ProduceRequestData()
            .setTransactionalId(transactionalId)
            .setAcks((short) -1)
            .setTimeoutMs(10_000)
            .setTopicData(new TopicProduceDataCollection(List.of(topic).iterator()));
        var header = new RequestHeader(ApiKeys.PRODUCE, VERSION, "late", 1);
        var error = Errors.forCode(send(new ProduceRequest(data, VERSION).serializeWithHeader(header)));
        if (error != Errors.NONE) throw new IOException("The broker refused the late records: " + error);
    }

    /** The error code of the one partition. */
    private short send(ByteBuffer request) throws IOException {
        try (var socket = new Socket(host, port)) {
            var out = new DataOutputStream(socket.getOutputStream());
            out.writeInt(request.remaining());
            out.write(request.array(), request.arrayOffset() + request.position(), request.remaining());
            out.flush();
            var in = new DataInputStream(socket.getInputStream());
            var response = new ByteBufferAccessor(ByteBuffer.wrap(in.readNBytes(in.readInt())));
            ResponseHeader.parse(response.buffer(), ApiKeys.PRODUCE.responseHeaderVersion(VERSION));
            var parsed = ProduceResponse.parse(response, VERSION).data();
            return parsed.responses().iterator().next().partitionResponses().get(0).errorCode();
        }
    }
}
