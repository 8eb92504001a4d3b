package ltl.scenes;

import com.aliyuncs.profile.DefaultProfile;
import com.google.gson.Gson;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Both scenes of the document's chapter 6, then every other action of the product once. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    Settings settings = new Gson().fromJson(new InputStreamReader(System.in, StandardCharsets.UTF_8), Settings.class);
    DefaultProfile.addEndpoint(Calls.REGION, "ltl", settings.endpoint);
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    Calls administrator = new Calls(settings.administrator, out);
    List<Calls> members = new ArrayList<>();
    for (Settings.Account member : settings.members) members.add(new Calls(member, out));

    String proofChainId = new ProofScene(settings, administrator).run();
    RiceScene rice = new RiceScene(settings, administrator, members);
    rice.run();
    new ProofRest(settings, administrator, proofChainId).run();
    new MembersRest(settings, administrator, rice.bizChainId, rice.memberIds).run();
    new DevicesRest(settings, administrator, proofChainId).run();
    new RiceRest(settings, administrator, rice).run();
  }
}
