/// Decoders by their first family, A to I.
extension NeedTable {
    static let decodersToI = """
        afmoe: $norms post_mlp_layernorm pre_mlp_layernorm self_attn.gate_proj $qk $attn ($mlp | mlp.expert_bias \
        $experts mlp.router.gate $shared) $ends
        apertus apertus1p5 apertus1p5_text: attention_layernorm feedforward_layernorm \
        mlp.act_fn.{alpha_n,alpha_p,beta,eps} mlp.{up,down}_proj $qk $attn $ends
        arcee: $norms mlp.{up,down}_proj+mlp_bias $attn $ends
        aria aria_text: $norms mlp.experts.{fc1,fc2} mlp.router mlp.shared_experts.{gate,up,down}_proj+mlp_bias \
        $attn $ends
        aria_text: $norms $fused mlp.router mlp.shared_experts.{gate,up,down}_proj+mlp_bias $attn $ends
        audioflamingo3 got_ocr2 internvl llava_onevision musicflamingo ovis2 pp_chart2table qwen2 qwen2_5_omni \
        qwen2_5_omni_thinker qwen2_5_vl qwen2_audio qwen2_vl vibevoice video_llama_3 fast_vlm vibevoice_asr: $norms \
        $mlp self_attn.{q,k,v}_proj+ self_attn.o_proj $ends
        axk1: $norms $mlaq ($mlp | $fused mlp.gate $bias mlp.post_mlp_layernorm $shared) $ends
        axk1: $norms $mlaq ($mlp | post_mlp_layernorm $experts mlp.gate $bias $shared) $ends
        axk2: input_layernorm.mlp.{fc1,fc2} input_layernorm.norm $indexer self_attn.{kv_a,q_a}_layernorm \
        self_attn.kv_a_proj_with_mqa+attention_bias self_attn.{kv_b,q_gate}_proj \
        self_attn.{q_a,o}_proj+attention_bias (post_attention_layernorm $mlp | \
        post_attention_layernorm.mlp.{fc1,fc2} post_attention_layernorm.norm $fused mlp.gate $bias $shared) $ends
        axk2: input_layernorm.{W_down,W_up,norm} $indexer $mlaq (post_attention_layernorm $mlp | \
        post_attention_layernorm.{W_down,W_up,norm} $experts mlp.gate $bias $shared) $ends
        aya_vision cohere2 cohere2_vision: input_layernorm $mlp $attn $ends
        bailing_hybrid: $norms attention.dense attention.g_proj (attention.q_proj attention.{A_log,dt_bias} \
        attention.{k,v,b,f}_proj attention.{q,k,v}_conv1d attention.o_norm | attention.q_proj?-q_lora_rank \
        attention.kv_a_layernorm attention.kv_a_proj_with_mqa+attention_bias attention.kv_b_proj) ($mlp | $experts \
        mlp.gate mlp.gate.expert_bias $shared) ^norm ^word_embeddings head
        bailing_hybrid: $norms self_attn.{g,o}_proj (self_attn.q_proj self_attn.{k,v,b}_proj self_attn.conv1d \
        self_attn.forget_gate.{A_log,dt_bias} self_attn.forget_gate.f_proj self_attn.o_norm | \
        self_attn.q_proj?-q_lora_rank self_attn.kv_a_layernorm self_attn.kv_a_proj_with_mqa+attention_bias \
        self_attn.kv_b_proj) ($mlp | $fused mlp.gate $bias $shared) ^norm ^word_embeddings head
        bamba: input_layernorm pre_ff_layernorm feed_forward.{gate,up,down}_proj+mlp_bias $mamba | $attn) \
        ^embed_tokens ^final_layernorm head
        beam: $norms post_feedforward_layernorm pre_feedforward_layernorm self_attn.gate_bias self_attn.gate_proj \
        $qk $attn ($mlp | $experts mlp.gate $bias) $ends
        biogpt: final_layer_norm+ self_attn_layer_norm+ fc1+ fc2+ self_attn.{q,k,v,out}_proj+ ^embed_positions \
        ^embed_tokens ^layer_norm+ head
        bitnet: $norms $mlp mlp.ffn_sub_norm self_attn.attn_sub_norm $attn $ends
        blip-2 opt: final_layer_norm+?layer_norm_elementwise_affine! \
        self_attn_layer_norm+?layer_norm_elementwise_affine! fc1+enable_bias! fc2+enable_bias! \
        self_attn.{q,k,v,out}_proj+enable_bias! ^embed_positions ^embed_tokens ^project_out?-word_embed_proj_dim! \
        ^project_in?-word_embed_proj_dim! head
        bloom: input_layernorm+ post_attention_layernorm+ mlp.{dense_4h_to_h,dense_h_to_4h}+ \
        self_attention.{dense,query_key_value}+ ^ln_f+ ^word_embeddings ^word_embeddings_layernorm+ head
        blt: $norms $mlp $qkvo ^^local_decoder.norm ^^local_encoder.embed_tokens ^token_embedding_projection head
        codegen: attn.{out,qkv}_proj ln_1+ mlp.{fc_in,fc_out}+ ^ln_f+ ^wte head
        cohere: input_layernorm $mlp $attn self_attn.{q,k}_norm?use_qk_norm $ends
        cohere2_moe: input_layernorm $attn ($experts mlp.gate | $mlp) \
        mlp.shared_experts.{gate,up,down}_proj?num_shared_experts $ends
        cohere_asr: layer_norm_1+ layer_norm_2+ layer_norm_3+ \
        first_sub_layer.{key_net,out_projection,query_net,value_net}+attention_bias! \
        second_sub_layer.{key_net,out_projection,query_net,value_net}+attention_bias! \
        third_sub_layer.{dense_in,dense_out}+ ^^_embedding.layer_norm+ ^^_embedding.position_embedding.pos_enc \
        ^^_embedding.token_embedding ^final_layer_norm+
        cosmos3_edge: $norms mlp.{up,down}_proj+mlp_bias self_attn.{to_k,to_out,to_q,to_v}+attention_bias $ends
        cosmos3_omni: $norms $mlp self_attn.{norm_k,norm_q} self_attn.{to_k,to_out,to_q,to_v}+attention_bias \
        ^embed_tokens ^norm ^pos_embed head
        cpmant: ffn.ffn.w_in.{w_0,w_1} ffn.ffn.w_out ffn.layernorm_before_ffn self_att.layernorm_before_attention \
        self_att.self_attention.{attention_out,project_k,project_q,project_v} ^^input_embedding \
        ^^position_bias.relative_attention_bias ^^segment_embedding ^output_layernorm head
        ctrl: layernorm1+ layernorm2+ ffn.{0,2}+ multi_head_attention.{Wk,Wq,Wv,dense}+ ^layernorm+ ^w head
        cwm: $norms mlp.{gate,up,down}_proj+mlp_bias $qkvo $ends
        dbrx: norm_attn_norm.attn.Wqkv norm_attn_norm.attn.out_proj norm_attn_norm.{norm_1,norm_2} \
        ffn.experts.mlp.{v1,w1,w2} ffn.router.layer ^norm_f ^wte head
        deepseek_v2: $norms $mla $lora (mlp.{gate,up,down}_proj+mlp_bias | $experts mlp.gate \
        mlp.shared_experts.{gate,up,down}_proj+mlp_bias) $ends
        deepseek_v3 glm4_moe_lite: $norms $mla $lora ($mlp | $experts mlp.gate $bias $shared) $ends
        deepseek_v32: $norms $indexer $mlaq ($mlp | $experts mlp.gate $bias $shared) $ends
        deepseek_v4: $norms attn_hc.{base,fn,scale} ffn_hc.{base,fn,scale} $fused mlp.gate \
        mlp.shared_experts.{gate,up,down}_proj+mlp_bias self_attn.compressor.{gate,kv}_proj \
        self_attn.compressor.kv_norm self_attn.compressor.position_bias self_attn.{kv,q_a}_norm \
        self_attn.{kv,o_a,o_b,q_a,q_b}_proj self_attn.sinks ( | self_attn.compressor.indexer.{gate,kv,q_b}_proj \
        self_attn.compressor.indexer.kv_norm self_attn.compressor.indexer.position_bias \
        self_attn.compressor.indexer.scorer.weights_proj) (mlp.gate.tid2eid | $bias) ^embed_tokens ^hc_head.hc_base \
        ^hc_head.hc_fn ^hc_head.hc_scale ^norm head
        deepseek_v4: attn_norm ffn_norm attn.{attn_sink,norm,wkv,wo_a,wo_b,wq_a,wq_b} ( | \
        attn.compressor.{ape,norm,wgate,wkv}) attn.q_norm ffn.experts.#.{w1,w2,w3} ffn.gate \
        ffn.shared_experts.{w1,w2,w3}+mlp_bias hc_attn_base hc_attn_fn hc_attn_scale hc_ffn_base hc_ffn_fn \
        hc_ffn_scale ( | attn.indexer.compressor.{ape,norm,wgate,wkv} attn.indexer.weights_proj attn.indexer.wq_b) \
        (ffn.gate.tid2eid | ffn.gate.bias) ^embed_tokens ^hc_head.hc_base ^hc_head.hc_fn ^hc_head.hc_scale ^norm \
        head
        deepseek_vl deepseek_vl_hybrid glmasr granite granite_docling granite_speech granite_speech_plus idefics3 \
        iquestcoder llama llava llava_next llava_next_video omniasr smollm3 smolvlm video_llava vipllava voxtral: \
        $norms mlp.{gate,up,down}_proj+mlp_bias $attn $ends
        diffllama: $norms $mlp $attn self_attn.{lambda_k1,lambda_k2,lambda_q1,lambda_q2} $ends
        doge: $norms input_residual post_attention_residual mlp.{gate,up,down}_proj+mlp_bias self_attn.A \
        self_attn.{q,k,v,dt,o}_proj+attention_bias $qk mlp.{down_embed,router_gate,up_embed}?is_moe $ends
        dory: lambda_1 lambda_2 mlp.{gate,up,down}_proj+mlp_bias mlp.{suv_gate,suv_up} self_attn.g_proj $attn \
        self_attn.{s_gate,sqk} ^embeddings head
        dots1: $norms $qk $attn ($mlp | $experts mlp.gate $bias $shared) $ends
        dots3_note_text: $norms self_attn.{g,kv_b,q_b}_proj self_attn.{k_rope_only,kv_a,q_a}_layernorm \
        self_attn.kv_a_proj_with_mqa+attention_bias self_attn.{q_a,o}_proj+attention_bias ($indexer | ) ($mlp | \
        $experts mlp.gate $bias $shared) $ends
        ernie4_5: $norms mlp.{gate,up,down}_proj+use_bias self_attn.{q,k,v,o}_proj+use_bias $ends
        ernie4_5_moe: $norms self_attn.{q,k,v,o}_proj+use_bias (mlp.{gate,up,down}_proj+use_bias | $experts mlp.gate \
        mlp.moe_statics.e_score_correction_bias \
        mlp.shared_experts.{gate,up,down}_proj+use_bias?moe_num_shared_experts!) $ends
        ernie4_5_moe: $norms self_attn.{q,k,v,o}_proj+use_bias (mlp.{gate,up,down}_proj+use_bias | $fused mlp.gate \
        mlp.gate.moe_statics.e_score_correction_bias \
        mlp.shared_experts.{gate,up,down}_proj+use_bias?moe_num_shared_experts!) $ends
        ernie4_5_vl_moe: $norms self_attn.{q,k,v,o}_proj+use_bias (mlp.{gate,up,down}_proj+use_bias | $experts \
        mlp.gate mlp.gate.weight_1 mlp.moe_statics.e_score_correction_bias \
        mlp.shared_experts.{gate,up,down}_proj+use_bias?moe_num_shared_experts!) $ends
        esmc: input_layernorm+ post_attention_layernorm+ mlp.{gate,up,down}_proj+mlp_bias $qk $attn ^embed_tokens \
        ^norm
        eurobert ultrabert ultravbert: $norms mlp.{gate,up,down}_proj+mlp_bias $attn ^embed_tokens ^norm
        evolla: $norms adapter.attention_norm adapter.ff.{fc1,fc2} adapter.ff.norm+ \
        adapter.{gate_attention,gate_ffw} adapter.{key_protein,query,value_protein}+ \
        adapter.out_proj+aligner_enable_bias! mlp.{gate,up,down}_proj+mlp_bias $attn ^embed_tokens ^norm
        exaone: attn.attention.{q,k,v,out}_proj+attention_bias ln_1 ln_2 mlp.{c_fc_0,c_fc_1}+mlp_bias \
        mlp.c_proj+mlp_bias ^ln_f ^wte head
        exaone4 exaone4_5: post_attention_layernorm post_feedforward_layernorm $mlp $qk $qkvo $ends
        exaone_moe: $norms $qk $qkvo ($mlp | $fused mlp.gate $bias $shared) $ends
        exaone_moe: $norms $qk $qkvo ($mlp | mlp.{gate,e_score_correction_bias} $experts $shared) $ends
        falcon: mlp.{dense_4h_to_h,dense_h_to_4h}+bias self_attention.{dense,query_key_value}+bias (input_layernorm+ \
        | ln_attn+ ln_mlp+) ^ln_f+ ^word_embeddings head
        falcon_h1: input_layernorm pre_ff_layernorm feed_forward.{gate,up,down}_proj+mlp_bias \
        mamba.{A_log,D,dt_bias} mamba.conv1d+mamba_conv_bias! mamba.in_proj+mamba_proj_bias \
        mamba.out_proj+projectors_bias $attn mamba.norm?mamba_rms_norm ^embed_tokens ^final_layernorm head
        falcon_mamba mamba: norm mixer.{A_log,D} mixer.conv1d+use_conv_bias! mixer.dt_proj+ \
        mixer.{in,out}_proj+use_bias mixer.x_proj ^embeddings ^norm_f head
        flex_olmo: post_attention_layernorm post_feedforward_layernorm $experts mlp.gate $qk $attn $ends
        flint: $norms $qk $attn self_attn.sinks ($mlp | $fused mlp.gate mlp.shared_expert.{gate,up,down}_proj) $ends
        flint: $norms $qk $attn self_attn.softmax_offset ($mlp | $experts mlp.gate \
        mlp.shared_expert.{gate,up,down}_proj) $ends
        fun_asr_nano: $norms $mlp $qk $qkvo $ends
        fuyu persimmon: input_layernorm+ post_attention_layernorm+ mlp.{dense_4h_to_h,dense_h_to_4h}+ \
        self_attn.{dense,query_key_value}+ self_attn.{q,k}_layernorm+?qk_layernorm! ^embed_tokens ^final_layernorm+ \
        head
        gemma paligemma: $norms $mlp $attn $ends
        gemma2: $norms post_feedforward_layernorm pre_feedforward_layernorm $mlp $attn $ends
        gemma3 gemma3_text shieldgemma2: $norms post_feedforward_layernorm pre_feedforward_layernorm $mlp $qk $attn \
        $ends
        gemma3n gemma3n_text: $norms post_feedforward_layernorm pre_feedforward_layernorm post_per_layer_input_norm \
        altup.{correct_output_scale,correction_coefs,modality_router,prediction_coefs} altup.router_norm \
        laurel.{linear_left,linear_right} laurel.post_laurel_norm $mlp per_layer_input_gate per_layer_projection \
        self_attn.{q,o}_proj+attention_bias self_attn.q_norm self_attn.k_norm@-shared \
        self_attn.{k,v}_proj+attention_bias@-shared ^embed_tokens ^embed_tokens_per_layer ^norm \
        ^per_layer_model_projection ^per_layer_projection_norm head
        gemma4 gemma4_text: $norms post_feedforward_layernorm pre_feedforward_layernorm \
        post_per_layer_input_norm?hidden_size_per_layer_input! layer_scalar $mlp \
        per_layer_input_gate?hidden_size_per_layer_input! per_layer_projection?hidden_size_per_layer_input! \
        self_attn.q_norm self_attn.k_norm@-shared self_attn.{q,o}_proj+attention_bias \
        self_attn.k_proj+attention_bias@-shared self_attn.v_proj+attention_bias?-attention_k_eq_v@-shared \
        ^embed_tokens ^embed_tokens_per_layer?hidden_size_per_layer_input! ^norm \
        ^per_layer_model_projection?hidden_size_per_layer_input! \
        ^per_layer_projection_norm?hidden_size_per_layer_input! head
        gemma4_unified gemma4_unified_text: $norms post_feedforward_layernorm pre_feedforward_layernorm layer_scalar \
        $mlp self_attn.q_norm self_attn.k_norm@-shared self_attn.{q,o}_proj+attention_bias \
        self_attn.k_proj+attention_bias@-shared self_attn.v_proj+attention_bias?-attention_k_eq_v@-shared $ends
        gemma4_unified_assistant: $norms post_feedforward_layernorm pre_feedforward_layernorm layer_scalar $mlp \
        self_attn.{q,o}_proj+attention_bias self_attn.q_norm ^^post_projection ^^pre_projection $ends
        glm: $norms mlp.{gate_up,down}_proj self_attn.{q,k,v}_proj+attention_bias! self_attn.o_proj $ends
        glm4: $norms post_mlp_layernorm post_self_attn_layernorm mlp.{gate_up,down}_proj \
        self_attn.{q,k,v}_proj+attention_bias! self_attn.o_proj $ends
        glm46v glm4v glmga: $norms post_mlp_layernorm post_self_attn_layernorm mlp.{gate_up,down}_proj \
        self_attn.{q,k,v}_proj+ self_attn.o_proj $ends
        glm4_moe: $norms self_attn.{q,k,v}_proj+attention_bias self_attn.o_proj ($mlp | $experts mlp.gate $bias \
        $shared) self_attn.{q,k}_norm?use_qk_norm $ends
        glm4v_moe: $norms self_attn.{q,k,v}_proj+attention_bias! self_attn.o_proj ($mlp | $experts mlp.gate $bias \
        $shared) $ends
        glm5_next: $norms attn_hc.{base,fn,scale} ffn_hc.{base,fn,scale} self_attn.o_proj \
        (self_attn.{q,k,v,b,g_a,g_b}_proj self_attn.conv1d self_attn.forget_gate.{A_log,dt_bias} \
        self_attn.forget_gate.{f_a,f_b}_proj self_attn.o_norm | \
        self_attn.indexer.{index_kpool_compress_ape,index_kpool_compress_gate,wk,wq_b} self_attn.indexer.k_norm+ \
        self_attn.indexer.weights_proj self_attn.{kv_a,q_a}_layernorm self_attn.kv_a_proj_with_mqa+attention_bias \
        self_attn.{kv_b,q_b}_proj self_attn.q_a_proj+attention_bias | self_attn.{kv_a,q_a}_layernorm \
        self_attn.kv_a_proj_with_mqa+attention_bias self_attn.{kv_b,q_b}_proj self_attn.q_a_proj+attention_bias) \
        ($mlp | $fused mlp.gate $bias $shared) $ends
        glm5_next: $norms hc_attn_base hc_attn_fn hc_attn_scale hc_ffn_base hc_ffn_fn hc_ffn_scale self_attn.o_proj \
        (self_attn.{A_log,dt_bias} self_attn.{q,k,v,b,f_a,f_b,g_a,g_b}_proj self_attn.{q,k,v}_conv1d \
        self_attn.o_norm | self_attn.indexer.{index_kpool_compress_ape,index_kpool_compress_gate,wk,wq_b} \
        self_attn.indexer.k_norm+ self_attn.indexer.weights_proj self_attn.{kv_a,q_a}_layernorm \
        self_attn.kv_a_proj_with_mqa+attention_bias self_attn.{kv_b,q_b}_proj self_attn.q_a_proj+attention_bias | \
        self_attn.{kv_a,q_a}_layernorm self_attn.kv_a_proj_with_mqa+attention_bias self_attn.{kv_b,q_b}_proj \
        self_attn.q_a_proj+attention_bias) ($mlp | $experts mlp.gate $bias $shared) $ends
        glm_moe_dsa: $norms $mlaq ($indexer | ) ($mlp | $experts mlp.gate $bias $shared) $ends
        glm_ocr: $norms post_mlp_layernorm post_self_attn_layernorm mlp.{gate_up,down}_proj $qkvo $ends
        gpt_bigcode: attn.c_attn+ attn.c_proj+ ln_1+ ln_2+ mlp.c_fc+ mlp.c_proj+ ^ln_f+ ^wpe ^wte head
        gpt_neo: attn.attention.{q,k,v}_proj attn.attention.out_proj+ ln_1+ ln_2+ mlp.c_fc+ mlp.c_proj+ ^ln_f+ ^wpe \
        ^wte head
        gpt_neox: input_layernorm+ post_attention_layernorm+ attention.{dense,query_key_value}+attention_bias! \
        mlp.{dense_4h_to_h,dense_h_to_4h}+ ^embed_in ^final_layer_norm+ head
        gpt_neox_japanese: input_layernorm+ post_attention_layernorm+ attention.{dense,query_key_value} \
        attention.dense_bias@last mlp.{dense_4h_to_h,dense_h_to_4h} ^embed_in ^final_layer_norm+ head
        gpt_oss: $norms mlp.experts.{gate_up,down}_proj+ mlp.router+ self_attn.{q,k,v,o}_proj+attention_bias! \
        self_attn.sinks $ends
        gptj: attn.{q,k,v,out}_proj ln_1+ mlp.{fc_in,fc_out}+ ^ln_f+ ^wte head
        granite_swa: $norms mlp.{gate,up,down}_proj+mlp_bias $attn self_attn.sinks $ends
        granitemoe: $norms block_sparse_moe.experts.{gate_up,down}_proj block_sparse_moe.router $attn $ends
        granitemoe: $norms block_sparse_moe.{input_linear,output_linear} block_sparse_moe.router.layer $attn $ends
        granitemoe_swa: $norms block_sparse_moe.experts.{gate_up,down}_proj block_sparse_moe.router $attn \
        self_attn.sinks shared_mlp.{input_linear,output_linear}?shared_intermediate_size $ends
        granitemoehybrid: $norms block_sparse_moe.experts.{gate_up,down}_proj?num_local_experts! \
        block_sparse_moe.router?num_local_experts! shared_mlp.{input_linear,output_linear} $mamba | $attn) $ends
        granitemoehybrid: $norms block_sparse_moe.{input_linear,output_linear}?num_local_experts! \
        block_sparse_moe.router.layer?num_local_experts! shared_mlp.{input_linear,output_linear} $mamba | $attn) \
        $ends
        granitemoeshared: $norms block_sparse_moe.experts.{gate_up,down}_proj block_sparse_moe.router $attn \
        shared_mlp.{input_linear,output_linear}?shared_intermediate_size $ends
        granitemoeshared: $norms block_sparse_moe.{input_linear,output_linear} block_sparse_moe.router.layer $attn \
        shared_mlp.{input_linear,output_linear}?shared_intermediate_size $ends
        helium: $norms mlp.{gate,up,down}_proj+mlp_bias self_attn.{q,k,v}_proj+attention_bias self_attn.o_proj $ends
        hunyuan_v1_dense: $norms $mlp $attn self_attn.{key,query}_layernorm $ends
        hunyuan_v1_moe: $norms $experts mlp.gate.wg mlp.shared_mlp.{gate,up,down}_proj $attn \
        self_attn.{key,query}_layernorm $ends
        hy_v3: $norms $qk $attn (mlp.{gate,up,down}_proj+mlp_bias | mlp.expert_bias $experts mlp.router.gate \
        mlp.shared_mlp.{gate,up,down}_proj+mlp_bias) $ends
        hy_v3: $norms $qk $attn (mlp.{gate,up,down}_proj+mlp_bias | mlp.{gate,e_score_correction_bias} $fused \
        mlp.shared_experts.{gate,up,down}_proj+mlp_bias) $ends
        hy_v4: $norms attn_hc.{base,fn,scale} ffn_hc.{base,fn,scale} self_attn.{gate,kv_b,q_b}_proj \
        self_attn.{kv_a,q_a}_layernorm self_attn.kv_a_proj_with_mqa+attention_bias \
        self_attn.{q_a,o}_proj+attention_bias self_attn.sinks ($indexer | ) ($mlp | $fused mlp.gate $bias $shared) \
        ^embed_tokens ^norm head
        hy_v4: $norms hc_pre.hc_attn_layer.{hc_base,hc_fn,hc_scale} hc_pre.hc_mlp_layer.{hc_base,hc_fn,hc_scale} \
        self_attn.{kv_a,q_a}_layernorm self_attn.kv_a_proj_with_mqa+attention_bias self_attn.{kv_b,q_b}_proj \
        self_attn.{learnable_sink_param,linear_gate} self_attn.{q_a,o}_proj+attention_bias ($indexer | ) \
        (mlp.{up,down}_proj mlp.linear_gate | $fused mlp.gate $bias mlp.shared_experts.{up,down}_proj \
        mlp.shared_experts.linear_gate) ^embed_tokens ^norm head
        hy_v4_vl: $norms hc_pre.hc_attn_layer.{hc_base,hc_fn,hc_scale} hc_pre.hc_mlp_layer.{hc_base,hc_fn,hc_scale} \
        self_attn.{kv_a,q_a}_layernorm self_attn.kv_a_proj_with_mqa+attention_bias self_attn.{kv_b,q_b}_proj \
        self_attn.{learnable_sink_param,linear_gate} self_attn.{q_a,o}_proj+attention_bias ($indexer | ) \
        (mlp.{up,down}_proj mlp.linear_gate | $fused mlp.gate $bias mlp.shared_experts.{up,down}_proj \
        mlp.shared_experts.linear_gate) ^embed_tokens ^hc_head.hc_pre.hc_head_base ^hc_head.hc_pre.hc_head_fn \
        ^hc_head.hc_pre.hc_head_scale ^norm head
        hyperclovax hyperclovax_vision_v2: $norms post_norm1?use_post_norm! post_norm2?use_post_norm! \
        mlp.{gate,up,down}_proj+mlp_bias $attn $ends
        idefics2 internlm3 ministral ministral3 mistral mistral3: $norms $mlp $qkvo $ends
        inkling_mm_model: attn_norm mlp_norm attn.{q,k}_norm attn.{k_sconv,v_sconv,wk_dv,wo_ud,wq_du,wr_du,wv_dv} \
        attn.rel_logits_proj.proj attn_sconv mlp_sconv (mlp.experts.{w13_weight,w2_weight} mlp.gate+ \
        mlp.gate.global_scale mlp.shared_experts.{shared_w13_weight,shared_w2_weight} | \
        mlp.{global_scale,w13_dn,w2_md}) ^embed ^embed_norm ^norm ^unembed
        inkling_text: $norms attn_sconv.conv1d mlp_sconv.conv1d $qk self_attn.{q,k,v,r,o}_proj \
        self_attn.k_sconv.conv1d self_attn.rel_logits_proj.proj self_attn.v_sconv.conv1d ($fused mlp.gate \
        mlp.gate.{e_score_correction_bias,global_scale} $shared | $mlp mlp.global_scale) ^embed_tokens \
        ^embed_tokens.embed_norm ^norm head
        instructblip instructblipvideo: final_layer_norm+?layer_norm_elementwise_affine! \
        self_attn_layer_norm+?layer_norm_elementwise_affine! fc1+enable_bias! fc2+enable_bias! \
        self_attn.{q,k,v,out}_proj+enable_bias! ^embed_positions ^embed_tokens ^project_in?-word_embed_proj_dim! \
        ^project_out?-word_embed_proj_dim! head
        hrm_text: attn.{gqkv,o}_proj+attention_bias mlp.{gate_up,down}_proj+mlp_bias ^^embed_tokens head
        hrm_text: self_attn.{gate,q,k,v,o}_proj+attention_bias mlp.{gate,up,down}_proj+mlp_bias ^^embed_tokens head
        inkling2 inkling2_text: mlp_norm attn.attn_sink_proj attn.{gate_attn,wk_dv,wo_ud,wq_du,wr_du,wv_dv} \
        attn.{q_l2_clip,rel_l2_clip}.scale attn.rel_logits_proj.proj attn_sconv mlp_sconv \
        mlp.experts.{w13_weight,w2_weight} mlp.gate+ (attn_norm attn.{k,v}_sconv | {k,q,v}_input_norm \
        attn.{k,v}_sconv.{static_w,weight_proj}) ^embed ^embed_norm ^norm ^unembed
        inkling2 inkling2_text: $fused mlp.gate $bias mlp_input.query attention_input.query@-first \
        {post_attention,post_mlp}_convolution.conv1d post_attention_layernorm self_attn.{k,q,v}_proj.linear \
        self_attn.o_proj.{gate_proj,linear} self_attn.q_proj.norm.scale \
        self_attn.relative_position_bias.{linear,proj} self_attn.relative_position_bias.norm.scale \
        self_attn.sink_proj (input_layernorm self_attn.{k,v}_proj.sconv.conv1d | {k,q,v}_input_layernorm \
        self_attn.{k,v}_proj.sconv.{static_weight,weight_proj}) ^embed_tokens ^embed_tokens.embed_norm \
        ^final_input.query ^norm head
        inkling2_loop inkling2_loop_text: mlp_norm attn.attn_sink_proj \
        attn.{gate_attn,wk_dv,wo_ud,wq_du,wr_du,wv_dv} attn.{q_l2_clip,rel_l2_clip}.scale attn.rel_logits_proj.proj \
        attn_sconv mlp_sconv mlp.experts.{w13_weight,w2_weight} mlp.gate+ (attn_norm attn.{k,v}_sconv | \
        {k,q,v}_input_norm attn.{k,v}_sconv.{static_w,weight_proj}) ( | \
        controllers.{attn,k,mlp,v}.{down_weight,forget_weight,gain_weight}) ^embed ^embed_norm ^norm ^unembed
        inkling2_loop inkling2_loop_text: $fused mlp.gate $bias mlp_input.query attention_input.query@-first \
        {post_attention,post_mlp}_convolution.conv1d post_attention_layernorm self_attn.{k,q,v}_proj.linear \
        self_attn.o_proj.{gate_proj,linear} self_attn.q_proj.norm.scale \
        self_attn.relative_position_bias.{linear,proj} self_attn.relative_position_bias.norm.scale \
        self_attn.sink_proj (input_layernorm self_attn.{k,v}_proj.sconv.conv1d | {k,q,v}_input_layernorm \
        self_attn.{k,v}_proj.sconv.{static_weight,weight_proj}) ( | \
        {k,mlp,q,v}_message_gate.{down_proj,forget_gate_proj,message_gate_proj}) ^embed_tokens \
        ^embed_tokens.embed_norm ^final_input.query ^message_input.query ^norm head
        exaone: $norms $attn mlp.{gate,up,down}_proj+mlp_bias $ends
        cosmos3_edge: $norms mlp.{fc1,fc2}+mlp_bias $attn $ends
        idefics: $norms $mlp ($qkvo | cross_attn.{q,k,v,o}_proj alpha_cross_attn alpha_dense) $ends
        """
}
