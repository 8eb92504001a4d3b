package ltl;

import com.aliyuncs.AcsResponse;
import com.aliyuncs.RpcAcsRequest;
import com.aliyuncs.http.MethodType;
import com.aliyuncs.http.ProtocolType;
import java.util.Map;

/**
 * One LTL call, built on the official core as the product's own request classes are: product code, version and action
 * in the constructor, POST, every parameter in the query and an empty body.
 */
final class LtlRequest<Answer extends AcsResponse> extends RpcAcsRequest<Answer> {
  private final Class<Answer> answerClass;

  LtlRequest(String action, Map<String, String> parameters, Class<Answer> answerClass) {
    super("ltl", "2019-05-10", action);
    this.answerClass = answerClass;
    setSysMethod(MethodType.POST);
    setSysProtocol(ProtocolType.HTTP);
    putQueryParameter("ApiVersion", "1.0.0");
    parameters.forEach((name, value) -> putQueryParameter(name, value));
  }

  @Override
  public Class<Answer> getResponseClass() {
    return answerClass;
  }
}
