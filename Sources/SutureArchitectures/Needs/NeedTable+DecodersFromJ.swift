/// Decoders by their first family, J to Z.
extension NeedTable {
    static let decodersFromJ = """
        jais2: input_layernorm+ post_attention_layernorm+ mlp.{up,down}_proj+mlp_bias! \
        self_attn.{q,k,v,o}_proj+attention_bias! ^embed_tokens ^norm+ head
        jamba: input_layernorm pre_ff_layernorm (mamba.{A_log,D} mamba.{b,c,dt}_layernorm \
        mamba.conv1d+mamba_conv_bias! mamba.dt_proj+ mamba.{in,out}_proj+mamba_proj_bias mamba.x_proj | $qkvo) \
        (feed_forward.{gate,up,down}_proj | feed_forward.experts.#.{gate,up,down}_proj feed_forward.router) \
        ^embed_tokens ^final_layernorm head
        janus: $norms mlp.{gate,up,down}_proj+mlp_bias $attn ^^generation_embeddings $ends
        jetmoe: $norms mlp.{bias,input_linear,output_linear} mlp.router.layer \
        self_attention.experts.{bias,input_linear,output_linear} self_attention.experts.router.layer \
        self_attention.kv_proj $ends
        kimi_k25: $norms $mla (self_attn.q_a_layernorm self_attn.q_a_proj+attention_bias self_attn.q_b_proj | \
        self_wqkv) ($mlp | $experts mlp.gate $bias $shared) $ends
        kimi_linear: $norms self_attn.o_proj (self_attn.q_proj self_attn.{A_log,dt_bias} \
        self_attn.{k,v,b,f_a,f_b,g_a,g_b}_proj self_attn.{q,k,v}_conv1d self_attn.o_norm | \
        self_attn.q_proj?-q_lora_rank self_attn.kv_a_layernorm self_attn.kv_a_proj_with_mqa+attention_bias \
        self_attn.kv_b_proj) (block_sparse_moe.{gate,up,down}_proj | block_sparse_moe.experts.#.{w1,w2,w3} \
        block_sparse_moe.gate block_sparse_moe.gate.e_score_correction_bias \
        block_sparse_moe.shared_experts.{gate,up,down}_proj) $ends
        kimi_linear: $norms self_attn.o_proj (self_attn.q_proj self_attn.{k,v,b,g_a,g_b}_proj self_attn.conv1d \
        self_attn.forget_gate.{A_log,dt_bias} self_attn.forget_gate.{f_a,f_b}_proj self_attn.o_norm | \
        self_attn.q_proj?-q_lora_rank self_attn.kv_a_layernorm self_attn.kv_a_proj_with_mqa+attention_bias \
        self_attn.kv_b_proj) ($mlp | $fused mlp.gate $bias $shared) $ends
        kolibri1: $norms post_attn_norm post_ffn_norm $experts mlp.gate $shared moe.router.expert_bias $qk $qkvo \
        $ends
        kolibri1: $norms post_mlp_layernorm post_self_attn_layernorm $fused mlp.gate $bias $shared $qk $qkvo $ends
        kosmos-2.5: final_layer_norm+ self_attn_layer_norm+ ffn.{fc1,fc2}+ ffn.ffn_layernorm+ \
        self_attn.{q,k,v,out}_proj+ ^embed_tokens ^layer_norm+ ^segment_emb head
        kyutai_speech_to_text: $norms mlp.{fc1,fc2} self_attn.k_proj.linear self_attn.o_proj.linear \
        self_attn.q_proj.linear self_attn.v_proj.linear ^embed_tokens.embed_tokens ^norm head
        laguna: $norms self_attn.g_proj $qk $attn ($mlp | $experts mlp.experts.e_score_correction_bias mlp.gate \
        mlp.shared_expert.{gate,up,down}_proj) $ends
        laguna: $norms self_attn.g_proj $qk $attn ($mlp | $fused mlp.gate $bias $shared) $ends
        lara_mini: $norms $fused mlp.gate mlp.shared_expert.{gate,up,down}_proj \
        (linear_attn.{A_log,conv1d,dt_bias,in_proj_a,in_proj_b,in_proj_qkv,in_proj_z,norm} linear_attn.out_proj | \
        $qk $attn) $ends
        lara_mini: $norms $fused mlp.gate mlp.shared_expert.{gate,up,down}_proj (linear_attn.{A_log,conv1d,dt_bias} \
        linear_attn.{in,out}_proj linear_attn.out_norm | $qk $attn) $ends
        lfm2: ffn_norm operator_norm feed_forward.{w1,w2,w3} (conv.conv+conv_bias conv.{in,out}_proj+conv_bias | \
        self_attn.{q,k}_layernorm self_attn.{q,k,v,out}_proj) ^embed_tokens ^embedding_norm head
        lfm2_moe: ffn_norm operator_norm (conv.conv+conv_bias conv.{in,out}_proj+conv_bias | \
        self_attn.{q,k}_layernorm self_attn.{q,k,v,out}_proj) (feed_forward.{w1,w2,w3} | \
        feed_forward.expert_bias?use_expert_bias! feed_forward.experts.#.{w1,w2,w3} feed_forward.gate) ^embed_tokens \
        ^embedding_norm head
        lfm2_moe: ffn_norm operator_norm (conv.conv+conv_bias conv.{in,out}_proj+conv_bias | \
        self_attn.{q,k}_layernorm self_attn.{q,k,v,out}_proj) (feed_forward.{w1,w2,w3} | \
        feed_forward.expert_bias?use_expert_bias! feed_forward.experts.{gate_up,down}_proj feed_forward.gate) \
        ^embed_tokens ^embedding_norm head
        lfm2_vl: ffn_norm operator_norm feed_forward.{w1,w2,w3} (self_attn.{q,k}_layernorm \
        self_attn.{q,k,v,out}_proj | conv.conv conv.{in,out}_proj) ^embed_tokens ^embedding_norm head
        lfm3 lfm3_vl: ffn_norm operator_norm post_ffn_norm?use_sandwich_norm! post_operator_norm?use_sandwich_norm! \
        feed_forward.{w1,w2,w3} (conv.conv+conv_bias conv.{in,out}_proj+conv_bias | \
        self_attn.g_proj?use_attention_gate! $qk $attn) ^embed_tokens ^embedding_norm head
        lfm3 lfm3_vl: ffn_norm operator_norm post_ffn_norm?use_sandwich_norm! post_operator_norm?use_sandwich_norm! \
        feed_forward.{w1,w2,w3} (conv.conv+conv_bias conv.{in,out}_proj+conv_bias | \
        self_attn.gate_proj?use_attention_gate! $qk $attn) ^embed_tokens ^embedding_norm head
        lighton_ocr moss_transcribe_diarize qwen3 qwen3_asr qwen3_vl: $norms $mlp $qk $attn $ends
        llama4 llama4_text: $norms $attn (feed_forward.experts.{gate_up,down}_proj feed_forward.router \
        feed_forward.shared_expert.{gate,up,down}_proj | feed_forward.{gate,up,down}_proj) $ends
        mamba2: norm mixer.{A_log,D,dt_bias,norm} mixer.conv1d+use_conv_bias! mixer.{in,out}_proj+use_bias \
        ^embeddings ^norm_f head
        mellum qwen3_moe qwen3_omni_moe_thinker: $norms $qk $attn ($experts mlp.gate | $mlp) $ends
        mimo_v2_flash: $norms self_attn.{q,k,v}_proj+attention_bias self_attn.o_proj ( | \
        self_attn.attention_sink_bias) ($mlp | $experts mlp.gate $bias) $ends
        mimo_v2_flash: $norms self_attn.{q,k,v}_proj+attention_bias self_attn.o_proj ( | self_attn.sinks) ($mlp | \
        $fused mlp.gate $bias) $ends
        minicpm3: $norms mlp.{gate,up,down}_proj+mlp_bias $mla $lora $ends
        minicpm_ocr minicpmv4_6 minicpmv4_7 qwen3_5 qwen3_5_text: $norms $mlp \
        (linear_attn.{A_log,conv1d,dt_bias,in_proj_a,in_proj_b,in_proj_qkv,in_proj_z,norm} linear_attn.out_proj | \
        $qk $attn) $ends
        minimax: $norms $fused mlp.gate ($qkvo | self_attn.{out,qkv}_proj) $ends
        minimax: $norms block_sparse_moe.experts.#.{w1,w2,w3} block_sparse_moe.gate ($qkvo | \
        self_attn.{out,qkv}_proj) $ends
        minimax_m2: $norms block_sparse_moe.{gate,e_score_correction_bias} block_sparse_moe.experts.#.{w1,w2,w3} $qk \
        $qkvo $ends
        minimax_m2: $norms mlp.{gate,e_score_correction_bias} $fused $qk $qkvo $ends
        minimax_m3_vl: $norms $qk $qkvo (block_sparse_moe.{gate,e_score_correction_bias} \
        block_sparse_moe.experts.#.{w1,w2,w3} block_sparse_moe.shared_experts.{gate,up,down}_proj | $mlp) $ends
        minimax_m3_vl_text: $norms $qk $qkvo ($fused mlp.gate $bias mlp.shared_experts.{gate_up,down}_proj | \
        mlp.{gate_up,down}_proj) $ends
        mistral4: $norms $mla $lora ($fused mlp.gate $shared | $mlp) $ends
        mistral_large4: attention_norm ffn_norm attention.kv_a_norm attention.ssmax_scaling.{b,s} \
        attention.{wkv_a_with_mqa,wo}+attention_bias attention.{wkv_b,wq} (attention.indexer.{k,q_input}_norm+ \
        attention.indexer.ssmax_scaling.{b,s} attention.indexer.weights_proj attention.indexer.{wk,wq_b} | ) \
        (feed_forward.{w1,w2,w3} | experts.#.{w1,w2,w3} gate shared_experts.{w1,w2,w3}) ^lerope.alpha ^norm ^output \
        ^tok_embeddings
        mixtral: $norms $fused mlp.gate $qkvo $ends
        mixtral: $norms block_sparse_moe.experts.#.{w1,w2,w3} block_sparse_moe.gate $qkvo $ends
        modernbert: mlp_norm+norm_bias attn.{Wo,Wqkv}+attention_bias mlp.{Wi,Wo}+mlp_bias attn_norm+norm_bias@-first \
        ^embeddings.norm ^embeddings.tok_embeddings ^final_norm
        modernbert-decoder: mlp_norm+norm_bias attn.Wo+attention_bias attn.{q,k,v}_proj+attention_bias \
        mlp.{Wi,Wo}+mlp_bias attn_norm+norm_bias@-first ^embeddings.norm ^embeddings.tok_embeddings ^final_norm head
        modernvbert: mlp_norm+norm_bias attn.{Wo,Wqkv}+attention_bias mlp.{Wi,Wo}+mlp_bias \
        attn_norm+norm_bias@-first ^embeddings.norm ^embeddings.tok_embeddings ^final_norm
        molmo2: attn_norm ff_norm mlp.ff_out mlp.ff_proj self_attn.att_proj+attention_bias self_attn.attn_out $qk \
        ^ln_f ^wte.embedding ^wte.new_embedding head
        moshi: $norms mlp.{fc1,fc2} self_attn.k_proj.linear self_attn.o_proj.linear self_attn.q_proj.linear \
        self_attn.v_proj.linear $ends
        mpt: norm_1 norm_2 attn.Wqkv attn.out_proj ffn.{up,down}_proj ^norm_f ^wte head
        muse_glimmer: $norms post_feedforward_layernorm pre_feedforward_layernorm $mlp self_attn.gate_proj $attn \
        $ends
        muse_spark: input_layernorm post_feedforward_layernorm pre_feedforward_layernorm \
        post_attention_residual_gate.gate post_feedforward_residual_gate.gate self_attn.gate_proj $attn ($fused \
        mlp.experts.post_expert_norm mlp.gate $bias mlp.{post_expert,pre_expert}_proj mlp.pre_expert_norm | $mlp) \
        $ends
        nanochat: mlp.{fc1,fc2} $attn ^embed_tokens head
        nemotron: input_layernorm+ post_attention_layernorm+ mlp.{up,down}_proj+mlp_bias $attn ^embed_tokens ^norm+ \
        head
        nemotron_h: norm (mixer.{A_log,D,dt_bias,norm} mixer.conv1d+use_conv_bias! mixer.{in,out}_proj+use_bias | \
        mixer.experts.#.{up,down}_proj mixer.gate mixer.gate.e_score_correction_bias \
        mixer.shared_experts.{up,down}_proj+mlp_bias | mixer.{q,k,v,o}_proj | mixer.{up,down}_proj+mlp_bias) \
        ^embeddings ^norm_f head
        nemotron_h_omni: norm (mixer.{A_log,D,dt_bias,norm} mixer.conv1d+use_conv_bias! mixer.{in,out}_proj+use_bias \
        | mixer.experts.#.{up,down}_proj mixer.gate mixer.gate.e_score_correction_bias \
        mixer.shared_experts.{up,down}_proj+mlp_bias | mixer.{q,k,v,o}_proj | mixer.{up,down}_proj+mlp_bias) \
        ^embeddings ^norm_f
        neomme: lambdas mlp.{up,down}_proj+mlp_bias self_attn.exclusive_self_attention.alpha \
        self_attn.{q,k,v}_proj+attention_bias self_attn.output_projection.gate_proj \
        self_attn.output_projection.o_proj+attention_bias ^embed_tokens.embedding_projection \
        ^embed_tokens.word_embeddings ^value_embeddings
        olmo: $mlp $attn ^embed_tokens head
        olmo2 olmo3: post_attention_layernorm post_feedforward_layernorm $mlp $qk $attn $ends
        olmo_hybrid: feedforward_layer_norm $mlp (attention_layer_norm linear_attn.{A_log,dt_bias} \
        linear_attn.{q,k,v,a,b,g,o}_proj linear_attn.{q,k,v}_conv1d linear_attn.o_norm | post_feedforward_layernorm \
        $qk $attn) $ends
        olmo_hybrid: post_attention_layernorm $mlp (input_layernorm linear_attn.{A_log,conv1d,dt_bias} \
        linear_attn.{q,k,v,a,b,g,o}_proj linear_attn.o_norm | post_feedforward_layernorm $qk $attn) $ends
        olmoe: $norms $experts mlp.gate $qk $attn $ends
        openai-gpt: attn.c_attn+ attn.c_proj+ ln_1+ ln_2+ mlp.c_fc+ mlp.c_proj+ ^positions_embed ^tokens_embed head
        paddleocr_vl: $norms mlp.{gate,up,down}_proj+use_bias self_attn.{q,k,v,o}_proj+use_bias ^^mlp_AR.linear_1+ \
        ^^mlp_AR.linear_2+ ^^mlp_AR.pre_norm+ $ends
        phi: input_layernorm+ mlp.{fc1,fc2}+ self_attn.dense+ self_attn.{q,k,v}_proj+ \
        self_attn.{q,k}_layernorm?qk_layernorm ^embed_tokens ^final_layernorm+ head
        phi3 phi4_multimodal: $norms mlp.{gate_up,down}_proj self_attn.{qkv,o}_proj $ends
        phimoe: input_layernorm+ post_attention_layernorm+ $fused mlp.router $attn ^embed_tokens ^norm+ head
        phimoe: input_layernorm+ post_attention_layernorm+ block_sparse_moe.experts.#.{w1,w2,w3} \
        block_sparse_moe.gate $attn ^embed_tokens ^norm+ head
        pix2struct: encoder_decoder_attention.attention.{key,output,query,value} \
        encoder_decoder_attention.layer_norm mlp.DenseReluDense.{wi_0,wi_1,wo} mlp.layer_norm \
        self_attention.attention.{key,output,query,value} self_attention.layer_norm \
        self_attention.attention.relative_attention_bias@first ^embed_tokens ^final_layer_norm head
        qianfan_ocr: $norms $mlp $qk $attn ^^embed_tokens ^^norm head
        qwen2_moe: $norms self_attn.{q,k,v}_proj+qkv_bias! self_attn.o_proj ($experts mlp.{gate,shared_expert_gate} \
        mlp.shared_expert.{gate,up,down}_proj | $mlp) $ends
        qwen3_5_moe qwen3_5_moe_text: $norms $experts mlp.{gate,shared_expert_gate} \
        mlp.shared_expert.{gate,up,down}_proj \
        (linear_attn.{A_log,conv1d,dt_bias,in_proj_a,in_proj_b,in_proj_qkv,in_proj_z,norm} linear_attn.out_proj | \
        $qk $attn) $ends
        qwen3_next: $norms (linear_attn.{A_log,conv1d,dt_bias,in_proj_ba,in_proj_qkvz,norm} linear_attn.out_proj | \
        $qk $attn) ($experts mlp.{gate,shared_expert_gate} mlp.shared_expert.{gate,up,down}_proj | $mlp) $ends
        qwen3_vl_moe: $norms $qk $attn ($fused mlp.gate | $mlp) $ends
        recurrent_gemma: channel_pre_norm temporal_pre_norm mlp_block.{gate,up,down}_proj+ \
        (temporal_block.{conv_1d,linear_out,linear_x,linear_y}+ \
        temporal_block.rg_lru.{input_gate_bias,input_gate_weight,recurrent_gate_bias,recurrent_gate_weight,recurrent_param} \
        | temporal_block.{q,k,v}_proj+attention_bias temporal_block.o_proj+) ^embed_tokens ^final_norm head
        rwkv: \
        attention.{key,output,receptance,time_decay,time_first,time_mix_key,time_mix_receptance,time_mix_value,value} \
        feed_forward.{key,receptance,time_mix_key,time_mix_receptance,value} ln1+ ln2+ pre_ln+@first ^embeddings \
        ^ln_out+ head
        sarvam_mla: $norms $mla (self_attn.q_proj | self_attn.q_a_layernorm self_attn.{q_a,q_b}_proj) ($mlp | \
        $experts mlp.gate $bias $shared) $ends
        sarvam_moe: $norms attention.dense attention.{key,query}_layernorm?use_qk_norm! \
        attention.query_key_value+attention_bias ($mlp | $experts mlp.gate mlp.gate.expert_bias $shared) ^norm \
        ^word_embeddings head
        sarvam_moe: $norms self_attn.{q,k}_norm?use_qk_norm! self_attn.{q,k,v}_proj+attention_bias self_attn.o_proj \
        ($mlp | $fused mlp.gate $bias $shared) ^norm ^word_embeddings head
        seed_oss: $norms mlp.{gate,up,down}_proj+mlp_bias self_attn.{q,k,v}_proj+attention_bias! \
        self_attn.o_proj+attention_out_bias $ends
        solar_open: $norms $experts mlp.gate $bias $shared self_attn.{q,k,v}_proj+attention_bias self_attn.o_proj \
        $ends
        stablelm: input_layernorm+ post_attention_layernorm+?-use_parallel_residual $mlp \
        self_attn.{q,k,v}_proj+use_qkv_bias self_attn.o_proj self_attn.{q,k}_layernorm.norms.0?qk_layernorm \
        ^embed_tokens ^norm+ head
        starcoder2: input_layernorm+ post_attention_layernorm+ mlp.c_fc+use_bias! mlp.c_proj+use_bias! \
        self_attn.{q,k,v,o}_proj+use_bias! ^embed_tokens ^norm+ head
        step3p7: $norms self_attn.g_proj $qk $attn (mlp.{gate,up,down}_proj+mlp_bias | moe.{gate,up,down}_proj \
        moe.{gate,router_bias} share_expert.{gate,up,down}_proj+mlp_bias) $ends
        t5gemma2: post_feedforward_layernorm post_self_attn_layernorm pre_feedforward_layernorm \
        pre_self_attn_layernorm $mlp $qk $attn ^norm head
        unlimited_ocr: $norms $attn (mlp.{gate,up,down}_proj+mlp_bias | $experts mlp.gate \
        mlp.shared_experts.{gate,up,down}_proj+mlp_bias) $ends
        vaultgemma: input_layernorm pre_feedforward_layernorm $mlp $attn $ends
        voxtral_realtime: ada_rms_norm.{linear1,linear2} $norms $mlp $qkvo $ends
        xlm flaubert: attentions.{q,k,v,out}_lin+ layer_norm1+ ffns.{lin1,lin2}+ layer_norm2+
        xlnet: ff.{layer_1,layer_2}+ ff.layer_norm+ rel_attn.{q,k,v,r,r_r_bias,r_s_bias,r_w_bias,seg_embed,o} \
        rel_attn.layer_norm+ ^mask_emb ^word_embedding head
        youtu: $norms $mlp $mla $lora $ends
        zaya: $norms $fused mlp.gate.balancing_biases mlp.gate.down_proj+ mlp.gate.router_mlp.{fc1,fc2}+ \
        mlp.gate.router_mlp.norm mlp.gate.router_mlp.out_proj \
        post_attention_residual_scale.{hidden_states_bias,hidden_states_scale,residual_bias,residual_scale} \
        post_mlp_residual_scale.{hidden_states_bias,hidden_states_scale,residual_bias,residual_scale} \
        self_attn.o_proj+attention_bias self_attn.qk_norm.temp \
        self_attn.qkv_proj.{conv_qk_depthwise,conv_qk_grouped}+ self_attn.qkv_proj.{q,k}_proj+attention_bias \
        self_attn.qkv_proj.{v_proj_current,v_proj_delayed}+attention_bias mlp.gate.router_states_scale@-first \
        ^embed_tokens ^input_hidden_states_bias ^input_hidden_states_scale ^norm head
        longcat_flash: {input,post_attention}_layernorm.{0,1} (mlp.experts.#.{gate,up}_proj mlp.experts.0.down_proj | $fused) mlp.router.classifier+router_bias \
        mlp.router.e_score_correction_bias mlps.{0,1}.{gate,up,down}_proj self_attn.{0,1}.{kv_a,q_a}_layernorm \
        self_attn.{0,1}.{kv_a_proj_with_mqa,q_a_proj,o_proj}+attention_bias self_attn.{0,1}.{kv_b,q_b}_proj $ends
        mistral_large4: $norms self_attn.kv_a_layernorm self_attn.softmax_scaling.{bias,scale} \
        self_attn.{kv_a_proj_with_mqa,o_proj}+attention_bias self_attn.{kv_b,q}_proj \
        (self_attn.indexer.{k,q_input}_norm+ self_attn.indexer.softmax_scaling.{bias,scale} \
        self_attn.indexer.weights_proj self_attn.indexer.{wk,wq_b} | ) ($mlp | $experts mlp.gate $shared) \
        ^embed_tokens ^norm head
        molmo2: $norms $mlp $qk self_attn.{q,k,v}_proj+attention_bias self_attn.o_proj ^embed_tokens ^norm head
        xlstm: norm_ffn+use_bias norm_mlstm+use_bias ffn.proj_down+use_bias mlstm_layer.multihead_norm+use_bias \
        mlstm_layer.out_proj+use_bias (ffn.{proj_up,proj_up_gate}+use_bias mlstm_layer.{fgate_preact,igate_preact}+ \
        mlstm_layer.{q,k,v,ogate_preact}+use_bias | ffn.proj_up_gate_z mlstm_layer.{ifgate_preact,qkv_opreact}) \
        ^embeddings ^out_norm head
        zamba: (input_layernorm mamba.{A_log,D,dt_proj_bias,dt_proj_weight,x_proj_weight} \
        mamba.conv1d+mamba_conv_bias! mamba.{in,out}_proj+mamba_proj_bias | linear mamba_decoder.input_layernorm \
        mamba_decoder.mamba.{A_log,D,dt_proj_bias,dt_proj_weight,x_proj_weight} \
        mamba_decoder.mamba.conv1d+mamba_conv_bias! mamba_decoder.mamba.{in,out}_proj+mamba_proj_bias ( | \
        shared_transf.feed_forward.{gate,up,down}_proj shared_transf.{input,pre_ff}_layernorm \
        shared_transf.self_attn.{q,k,v,o}_proj)) ^embed_tokens ^final_layernorm head
        zamba2: (input_layernorm mamba.{A_log,D,dt_bias,norm} mamba.conv1d+ mamba.{in,out}_proj+add_bias_linear | \
        linear mamba_decoder.input_layernorm mamba_decoder.mamba.{A_log,D,dt_bias,norm} mamba_decoder.mamba.conv1d+ \
        mamba_decoder.mamba.{in,out}_proj+add_bias_linear ( | \
        shared_transformer.feed_forward.{gate_up,down}_proj+add_bias_linear \
        shared_transformer.{input,pre_ff}_layernorm shared_transformer.self_attn.{q,k,v,o}_proj)) ^embed_tokens \
        ^final_layernorm head
        """
}
